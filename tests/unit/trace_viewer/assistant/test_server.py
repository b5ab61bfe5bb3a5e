# SPDX-License-Identifier: Apache-2.0
"""The server in a process of its own, asked by the SDK's client over stdio."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from tests.unit.trace_viewer.assistant.test_answers import ORDER
from tests.unit.trace_viewer.history.samples import trace_of
from trace_viewer.assistant import server
from trace_viewer.assistant.server import UNTRUSTED

ROOT = Path(__file__).parents[4]
QUESTIONS = {"list_runs", "show_trace", "findings", "compare", "logs"}


def ask(folder: Path, question: Callable[[Client], Awaitable[None]]) -> None:
    """Start the server on a folder, and ask it."""
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "glue_jobs")])}
    command = ["-m", "glue_xray", "mcp", "--files", str(folder)]
    parameters = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=ROOT)

    async def talk() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(parameters)) as client:
                await question(client)

    anyio.run(talk)


def test_five_questions_and_nothing_else(tmp_path: Path) -> None:
    hostile = trace_of(1, fields={"name": ORDER}, annotations={"file": "/etc/passwd", "url": "http://evil/x"})
    good = trace_of(2)
    for trace in (hostile, good):
        (tmp_path / f"{trace.id}.json").write_text(json.dumps(trace.to_json()))

    async def question(client: Client) -> None:
        async def answer(tool: str, **arguments: Any) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments)
            found: dict[str, Any] = result.structured_content or {}
            assert found["untrusted"] == UNTRUSTED
            return found

        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == QUESTIONS
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        assert ORDER[:20] not in repr(tools)  # no text of a trace describes a tool
        assert not (await client.list_resources()).resources and not (await client.list_prompts()).prompts

        listed = await answer("list_runs")
        assert [run["id"] for run in listed["data"]] == [good.id, hostile.id]
        shown = await answer("show_trace", trace_id=hostile.id)
        assert shown["data"]["pipeline"].startswith("Ignore all earlier instructions")
        assert "\\u001b" not in json.dumps(shown) and "hunter2" not in json.dumps(shown)
        assert "/etc/passwd" not in json.dumps(shown)
        both = await answer("compare", first=good.id, second=hostile.id)
        assert both["data"]["second"] == hostile.id
        assert (await answer("findings", trace_id=good.id))["data"] == []
        assert "this is no trace id" in (await answer("show_trace", trace_id="../../etc/passwd"))["error"]
        assert "logs are in CloudWatch" in (await answer("logs", trace_id=good.id))["error"]
        assert "limit is from 1 to 200" in (await answer("list_runs", limit=10**6))["error"]

    ask(tmp_path, question)


def test_a_folder_that_is_none_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert server.main(["--files", "gone"]) == 1
    assert capsys.readouterr().err.startswith("glue-xray mcp: gone is no folder")
