# SPDX-License-Identifier: Apache-2.0
"""Each door's page says how many lines it adds; counted in what the page has people write."""

from __future__ import annotations

import json

import pytest

from tests.integration.docs.blocks import ROOT, blocks
from tests.integration.docs.collecting import EXAMPLES

MARKED = {
    "docs/run-a-script.md": "totals.py",
    "docs/add-to-your-cdk-app.md": "cdk_app.py",
    "docs/trace-your-own-job.md": "orders_job.py",
}


@pytest.mark.parametrize("page", MARKED)
def test_a_page_counts_the_lines_of_its_example(page: str) -> None:
    added = sum("# added" in line for line in (EXAMPLES / MARKED[page]).read_text().splitlines())
    assert f"Added lines for you: {added}" in (ROOT / page).read_text()


def test_the_fields_of_a_state_are_counted() -> None:
    page = "docs/start-a-job.md"
    jsonata, jsonpath, _ = (
        json.loads(block.text) for block in blocks() if block.page == page and block.language == "json"
    )
    sentence = f"{len(jsonata)} fields of a state in JSONata, {len(jsonpath)} in JSONPath"
    assert sentence in (ROOT / page).read_text()


def test_a_command_adds_none() -> None:
    assert "Added lines for you: 0, one command" in (ROOT / "docs/attach-a-job.md").read_text()
