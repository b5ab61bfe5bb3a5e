# SPDX-License-Identifier: Apache-2.0
"""Every Python block of README and docs runs, in the order of the pages and with one real Spark."""

from __future__ import annotations

import pytest

from tests.integration.docs.blocks import blocks
from tests.integration.docs.programs import GIVEN, Programs, snippets


def test_each_snippet_runs(programs: Programs) -> None:
    assert snippets()
    told = [line for line in programs.printed.splitlines() if line.startswith("done")]
    assert told == [f"done {snippet.page}" for snippet in snippets()]


@pytest.mark.parametrize("page", GIVEN)
def test_nothing_is_given_to_a_page_without_a_snippet(page: str) -> None:
    assert page in {block.page for block in blocks() if block.language == "python"}
