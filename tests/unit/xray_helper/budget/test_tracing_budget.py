# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from xray_helper.budget.selection import select
from xray_helper.budget.trimming import MAX_DOCUMENT_BYTES, trim
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.observers import Priority
from xray_helper.record.readable import copy_span
from xray_helper.record.recorder import MAX_BUFFERED_SPANS, Recorder
from xray_helper.translate.segments import document_bytes, segment_document, segment_json

ROOT = 1


def span(
    number: int,
    parent: int = ROOT,
    *,
    seconds: float = 1.0,
    attributes: dict[str, Any] | None = None,
    events: list[Event] | None = None,
    name: str = "span",
    kind: SpanKind = SpanKind.INTERNAL,
) -> ReadableSpan:
    return ReadableSpan(
        name,
        context=SpanContext(1, number, is_remote=False),
        parent=SpanContext(1, parent, is_remote=False),
        resource=Resource({}),
        attributes=attributes or {},
        events=events or [],
        kind=kind,
        start_time=1_000_000_000,
        end_time=1_000_000_000 + int(seconds * 1e9),
    )


def number_of(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.span_id


def ids(spans: list[ReadableSpan]) -> list[int]:
    return sorted(number_of(span) for span in spans)


def size(*spans: ReadableSpan) -> int:
    return sum(len(segment_json(item).encode()) for item in spans)


def test_everything_fits_where_there_is_room() -> None:
    spans = [span(2), span(3, 2), span(4, 3)]
    chosen = select(spans, share_bytes=40_000, root_id=ROOT, priority=lambda _: 0, weigh=document_bytes)
    assert ids(chosen.spans) == [2, 3, 4]
    assert chosen.size == size(*spans)


def test_log_groups_and_sdk_are_named_by_segments_alone() -> None:
    """The exporter writes what a resource names into the document of each of its spans."""
    shared = {"service.name": "clean", "aws.log.group.names": ["/jobs/output", "/jobs/error"]}
    shared |= {"telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "python"}
    resource = Resource(shared | {"telemetry.sdk.version": "1.45.2"})
    step, call = (copy_span(one, resource=resource) for one in (span(2), span(3, kind=SpanKind.SERVER)))
    chosen = select(
        [step, call], share_bytes=40_000, root_id=ROOT, priority=lambda _: 0, weigh=document_bytes
    )
    blocks = {number_of(one): segment_document(one)["aws"] for one in chosen.spans}

    assert blocks[2] == {"xray": {"auto_instrumentation": False}}
    assert blocks[3]["xray"]["sdk"] == "opentelemetry for python"
    assert len(blocks[3]["cloudwatch_logs"]) == 2
    assert {one.resource.attributes["service.name"] for one in chosen.spans} == {"clean"}
    assert chosen.size == size(*chosen.spans) < size(step, call)


def test_the_least_valuable_go_first_and_of_equals_the_shortest() -> None:
    step, long, short = span(2), span(3, 2, seconds=9.0), span(4, 2, seconds=1.0)
    priorities = {2: Priority.STEP, 3: Priority.STAGE, 4: Priority.STAGE}
    chosen = select(
        [short, step, long],
        share_bytes=size(step, long) + 10,
        root_id=ROOT,
        priority=lambda item: priorities[number_of(item)],
        weigh=document_bytes,
    )
    assert ids(chosen.spans) == [2, 3]


def test_a_valuable_span_brings_its_parents_and_none_is_an_orphan() -> None:
    spans = [span(2), span(3, 2), span(4, 3), span(5, 2)]
    priorities = {2: 0, 3: 0, 4: Priority.FAILED, 5: 1}
    chosen = select(
        spans,
        share_bytes=size(*spans[:3]) + 5,
        root_id=ROOT,
        priority=lambda item: priorities[number_of(item)],
        weigh=document_bytes,
    )
    assert ids(chosen.spans) == [2, 3, 4]


def test_a_span_below_nothing_is_left_out_and_a_circle_ends() -> None:
    chosen = select(
        [span(2, 99), span(3, 4), span(4, 3)],
        share_bytes=40_000,
        root_id=ROOT,
        priority=lambda _: 0,
        weigh=document_bytes,
    )
    assert chosen.spans == []


def test_a_span_that_cannot_be_translated_costs_no_other() -> None:
    broken = span(2)
    broken._start_time = None
    errors = ErrorBoundary()
    chosen = select(
        [broken, span(3)],
        share_bytes=40_000,
        root_id=ROOT,
        priority=lambda _: 0,
        weigh=document_bytes,
        errors=errors,
    )
    assert ids(chosen.spans) == [3]
    assert errors.faults == 1


def test_no_share_no_spans() -> None:
    assert (
        select([span(2)], share_bytes=-5, root_id=ROOT, priority=lambda _: 0, weigh=document_bytes).spans
        == []
    )


def test_a_thousand_stages_stay_within_the_share() -> None:
    spans = [span(number, attributes={"spark.stage.id": number}) for number in range(2, 1002)]
    chosen = select(spans, share_bytes=40_000, root_id=ROOT, priority=lambda _: 0, weigh=document_bytes)
    assert size(*chosen.spans) == chosen.size
    assert 39_000 < chosen.size <= 40_000


def test_long_texts_are_cut_and_say_so() -> None:
    trimmed, cut, _ = trim(span(2, attributes={"plan": "x" * 3_000, "short": "y"}), weigh=document_bytes)
    assert trimmed.attributes == {"plan": "x" * 2_048 + "...[952 characters cut]", "short": "y"}
    assert cut == 1


def test_of_a_stack_the_end_is_kept() -> None:
    event = Event("exception", {"exception.stacktrace": "a" * 5_000 + "END"})
    trimmed, cut, _ = trim(span(2, events=[event]), weigh=document_bytes)
    assert trimmed.events[0].attributes == {
        "exception.stacktrace": "...[907 characters cut]\n" + "a" * 4_093 + "END"
    }
    assert cut == 1


def test_numbers_that_json_lacks_become_texts() -> None:
    numbers = {"nan": float("nan"), "least": float("-inf"), "fine": 0.5, "list": (1.5, float("inf"))}
    trimmed, cut, _ = trim(span(2, attributes=numbers), weigh=document_bytes)
    assert trimmed.attributes == {"nan": "nan", "least": "-inf", "fine": 0.5, "list": ("1.5", "inf")}
    assert cut == 0


def test_a_stack_that_was_cut_is_made_harmless() -> None:
    """The cut leaves a line that begins like one of a frame: the collector would panic over it."""
    rest = '  File a, b, c")\nValueError: x'
    event = Event("exception", {"exception.stacktrace": "y" * 4_096 + rest.ljust(4_096, "z")})
    trimmed, *_ = trim(span(2, events=[event]), weigh=document_bytes)
    lines = str((trimmed.events[0].attributes or {})["exception.stacktrace"]).split("\n")
    assert lines[:2] == ["...[4096 characters cut]", '>   File a, b, c")']


def test_any_span_fits_into_a_document() -> None:
    monsters = [
        span(2, attributes={f"key{number}": "é" * 100_000 for number in range(128)}),
        span(2, attributes={"list": ["😀" * 5_000] * 1_000}),
        span(2, attributes={f"{'k' * 3_000}{number}": number for number in range(100)}),
        span(2, events=[Event("exception", {"exception.message": "m" * 10**6})] * 500),
    ]
    for monster in monsters:
        trimmed, cut, _ = trim(monster, weigh=document_bytes)
        assert size(trimmed) <= MAX_DOCUMENT_BYTES
        assert cut > 0


def test_half_characters_cannot_stop_a_span() -> None:
    trimmed, *_ = trim(
        span(2, name="caf\udce9", attributes={"key": "a\ud83d", "list": ["\udcff"]}), weigh=document_bytes
    )
    assert json.loads(segment_json(trimmed).encode())["metadata"] == {"default": {"key": "a?", "list": ["?"]}}


def test_a_failure_goes_before_its_kind() -> None:
    recorder = Recorder(resource={}, trace_id=None, parent_id=None)
    failed = recorder.tracer.start_span("stage")
    recorder.prioritize(failed, Priority.STAGE)
    failed.set_status(Status(StatusCode.ERROR))
    failed.end()
    assert recorder.priority(recorder.take()[0]) == Priority.FAILED


def test_the_buffer_is_bounded_and_forgets_the_least_valuable() -> None:
    recorder = Recorder(resource={}, trace_id=None, parent_id=None)
    step = recorder.tracer.start_span("step")
    recorder.prioritize(step, Priority.STEP)
    step.end()
    for _ in range(2 * MAX_BUFFERED_SPANS):
        recorder.tracer.start_span("detail").end()
    kept = recorder.take()
    assert len(kept) <= MAX_BUFFERED_SPANS
    assert kept[0].name == "step"
    assert recorder.made == 2 * MAX_BUFFERED_SPANS + 1 == len(kept) + recorder.overflow


def test_where_nothing_fits_any_more_few_of_thousands_are_measured() -> None:
    measured: list[ReadableSpan] = []

    def weigh(item: ReadableSpan) -> int:
        measured.append(item)
        return document_bytes(item)

    spans = [span(number, attributes={"text": "x" * 1_000}) for number in range(2, 5_002)]
    room_for_three = size(*spans[:3]) + 400  # more than the smallest document, less than one of these
    chosen = select(spans, share_bytes=room_for_three, root_id=ROOT, priority=lambda _: 0, weigh=weigh)

    assert len(chosen.spans) == 3
    assert len(measured) == 3 + 50


def test_a_small_span_behind_some_large_ones_still_fits() -> None:
    large = [span(number, seconds=9.0, attributes={"text": "x" * 1_000}) for number in range(2, 40)]
    small = span(99, seconds=1.0)
    chosen = select(
        [*large, small],
        share_bytes=size(small) + 10,
        root_id=ROOT,
        priority=lambda _: 0,
        weigh=document_bytes,
    )

    assert ids(chosen.spans) == [99]


@pytest.mark.parametrize("longest", ["first", "last"])
def test_of_a_chain_of_thousands_the_top_is_kept_in_time(longest: str) -> None:
    """As long as the deepest span is the most important one, each look at it comes by all of its parents."""
    chain = [
        span(number, number - 1, seconds=number if longest == "last" else 5_000 - number)
        for number in range(ROOT + 1, 4_000)
    ]
    weighed: list[int] = []

    def weigh(one: ReadableSpan) -> int:
        weighed.append(number_of(one))
        return document_bytes(one)

    chosen = select(chain, share_bytes=40_000, root_id=ROOT, priority=lambda _: 0, weigh=weigh)
    assert 100 < len(chosen.spans) < 200
    assert ids(chosen.spans) == list(range(ROOT + 1, ROOT + 1 + len(chosen.spans)))
    assert len(weighed) < 300
