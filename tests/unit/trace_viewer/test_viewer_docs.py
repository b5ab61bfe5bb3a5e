# SPDX-License-Identifier: Apache-2.0
"""What the two guides promise of the command line and of the words in a tree."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from trace_viewer.cli import _check, _parser

DOCS = Path(__file__).parents[3] / "docs"
GUIDES = ("read-a-trace.md", "find-the-failed-file.md")
COMMAND = re.compile(r"^\$ python -m trace_viewer (.*?)(?:\s+#.*)?$", re.MULTILINE)
COMMANDS = [command for guide in GUIDES for command in COMMAND.findall((DOCS / guide).read_text())]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one_that_the_command_line_takes(command: str) -> None:
    parser = _parser()
    _check(parser.parse_args(shlex.split(command)), parser)


def test_the_guides_have_commands() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_to_files(guide: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (DOCS / guide).read_text())
    missing = [link for link in links if not link.startswith("https://") and not (DOCS / link).exists()]
    assert links and not missing


def test_the_screenshots_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (DOCS / "images").glob("*.png")}
    assert {"trace.png", "trace-dark.png", "trace-failed.png", "compare.png"} <= sizes.keys()
    assert max(sizes.values()) < 300_000
