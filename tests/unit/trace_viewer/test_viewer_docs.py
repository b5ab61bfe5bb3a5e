# SPDX-License-Identifier: Apache-2.0
"""The two guides link to what is there; their commands are run by tests/integration/docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
GUIDES = ("read-a-trace.md", "find-the-failed-file.md")


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_to_files(guide: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (DOCS / guide).read_text())
    missing = [link for link in links if not link.startswith("https://") and not (DOCS / link).exists()]
    assert links and not missing


def test_the_screenshots_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (DOCS / "images").glob("*.png")}
    assert {"trace.png", "trace-dark.png", "trace-failed.png", "compare.png"} <= sizes.keys()
    assert max(sizes.values()) < 300_000
