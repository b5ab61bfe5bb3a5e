# SPDX-License-Identifier: Apache-2.0
"""What the exporter panics over, and that this library sends none of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from tests.integration.conformance.building import case, exception
from tests.integration.conformance.cause_cases import STACKS
from tests.integration.conformance.crash_cases import crash_cases, outcome
from tests.integration.conformance.run import through_collector
from xray_helper.budget.trimming import trim
from xray_helper.translate.segments import document_bytes

_CASES = {name: span for name, _, span in crash_cases()}
_STACKS = {name: span for name, span in _CASES.items() if span.events}


@pytest.mark.parametrize("span", _CASES.values(), ids=list(_CASES))
def test_a_panic_costs_one_request_and_not_the_collector(otelcol: Path, span: ReadableSpan) -> None:
    assert outcome(otelcol, span) == "connection cut"


@pytest.mark.parametrize("span", _STACKS.values(), ids=list(_STACKS))
def test_a_span_that_the_library_sends_is_taken(otelcol: Path, span: ReadableSpan) -> None:
    assert outcome(otelcol, trim(span, weigh=document_bytes).span) == "taken"


def test_a_stack_may_be_cut_anywhere(otelcol: Path) -> None:
    """What is left of a stack begins in the middle of a line, and is taken all the same."""
    whole = "\n".join(
        [*(str(next(iter(span.events)).attributes) for span in _STACKS.values()), *STACKS.values()]
    )
    stacks = {f"cut {start}": whole[start:] for start in range(0, len(whole), 7)}
    spans = [
        trim(case(name, events=[exception(stack=stack)]), weigh=document_bytes).span
        for name, stack in stacks.items()
    ]
    documents, _ = through_collector(spans, otelcol)
    assert [found for found in documents.values() if not found] == []


def test_numbers_that_json_lacks_do_not_cost_the_span(otelcol: Path) -> None:
    span, *_ = trim(
        case("numbers", {"skew": float("nan"), "all": [1.5, float("inf")], "rows": 5}), weigh=document_bytes
    )
    documents, _ = through_collector([span], otelcol)
    ((document,),) = documents.values()
    assert document["metadata"]["default"] == {"skew": "nan", "all": ["1.5", "inf"], "rows": 5}
