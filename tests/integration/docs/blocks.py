# SPDX-License-Identifier: Apache-2.0
"""The fenced blocks of README and docs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELLS = {"console", "bash", "sh"}
# What is shown and not run, and why.
SHOWN = {
    "text": "what a command printed, shortened",
    "mermaid": "a drawing",
    "json": "fields of states, which tests/integration/local_cloud/test_starters.py runs",
}
_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPT = "$ "


class Block(NamedTuple):
    """A fenced block: its page from the root of the repository, its language, its text."""

    page: str
    language: str
    text: str


def blocks() -> list[Block]:
    """Every fenced block, in the order of the pages."""
    return [
        Block(page.relative_to(ROOT).as_posix(), language.strip(), text)
        for page in PAGES
        for language, text in _BLOCK.findall(page.read_text(encoding="utf-8"))
    ]


def scripts() -> dict[str, str]:
    """The commands of each page as one script: a later block may use a variable of an earlier one."""
    found: dict[str, str] = {}
    for block in blocks():
        if block.language in SHELLS:
            text = "\n".join(_commands(block.text)) if block.language == "console" else block.text
            found[block.page] = f"{found.get(block.page, '')}{text}\n"
    return found


def _commands(session: str) -> Iterator[str]:
    """What stands after the prompts of a session; a command goes on until the shell could run it."""
    lines = session.splitlines()
    while lines:
        line = lines.pop(0)
        if line.startswith(_PROMPT):
            command = line.removeprefix(_PROMPT)
            while lines and (command.endswith("\\") or not _is_whole(command)):
                command += "\n" + lines.pop(0)
            yield command


def _is_whole(command: str) -> bool:
    return subprocess.run(["bash", "-n", "-c", command], capture_output=True).returncode == 0
