# SPDX-License-Identifier: Apache-2.0
"""What the pages' commands write into a clone, git ignores."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = re.compile(r"^\$ .*--(?:html|json|otlp|perfetto|findings) ([\w/-]+\.\w+)", re.MULTILINE)


def test_git_ignores_what_the_commands_write() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    written = {name for page in pages for name in WRITTEN.findall(page.read_text())}
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert "trace.html" in written
    assert {f"/{name}" for name in written} <= {*ignored}
