# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict  # type: ignore[import-untyped]  # it ships no types
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import Trace, to_otlp, to_perfetto


def spans_of(otlp: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        span
        for resource in otlp["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def parse(otlp: dict[str, Any]) -> TracesData:
    """Parse OTLP JSON strictly: its ids are hexadecimal where plain protobuf JSON has base64."""
    plain = copy.deepcopy(otlp)
    for span in spans_of(plain):
        for name in ("traceId", "spanId", "parentSpanId"):
            if name in span:
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    traces = TracesData()
    ParseDict(plain, traces, ignore_unknown_fields=False)
    return traces


def attributes(span: Any) -> dict[str, object]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}


@pytest.fixture
def job() -> Trace:
    call = doc(
        "S3",
        1,
        2.5,
        id="3" * 16,
        namespace="aws",
        aws={"operation": "GetObject", "request_id": "r", "retries": 2},
    )
    step = doc(
        "Read Data", 0.5, 3, id="2" * 16, subsegments=[call], **fails("SchemaError", "no column price")
    )
    return as_trace(
        doc(
            "clean",
            0,
            4,
            id="1" * 16,
            fault=True,
            annotations={"rows_read": 7, "dry": True, "share": 0.5},
            metadata={"default": {"run": "r1", "reasons": {"a": 1}}, "debug": {"level": "x"}},
            subsegments=[step],
        )
    )


def test_otlp_spans_are_what_the_documents_say(job: Trace) -> None:
    (resource,) = parse(to_otlp(job)).resource_spans
    assert attributes(resource.resource)["service.name"] == "clean"
    clean, step, call = resource.scope_spans[0].spans
    assert [clean.trace_id.hex(), clean.span_id.hex()] == ["692022610123456789abcdef01234567", "1" * 16]
    assert (clean.parent_span_id, step.parent_span_id.hex(), call.parent_span_id.hex()) == (
        b"",
        "1" * 16,
        "2" * 16,
    )
    assert [clean.kind, step.kind, call.kind] == [
        Span.SPAN_KIND_SERVER,
        Span.SPAN_KIND_INTERNAL,
        Span.SPAN_KIND_CLIENT,
    ]
    assert (call.start_time_unix_nano, call.end_time_unix_nano) == (1_000_000_000, 2_500_000_000)
    described = attributes(clean)
    indexed: Any = described.pop("aws.xray.annotations")
    assert [item.string_value for item in indexed.values] == ["rows_read", "dry", "share"]
    assert described == {
        "aws.xray.failure": "fault", "run": "r1", "reasons": '{"a": 1}', "debug.level": "x",
        "rows_read": 7, "dry": True, "share": 0.5,
    }  # fmt: skip
    assert attributes(call) == {"rpc.method": "GetObject", "aws.request_id": "r", "aws.xray.aws.retries": 2}


def test_otlp_keeps_the_exception(job: Trace) -> None:
    _, step, _ = parse(to_otlp(job)).resource_spans[0].scope_spans[0].spans
    assert (step.status.code, step.status.message) == (2, "SchemaError: no column price")
    (event,) = step.events
    assert (event.name, event.time_unix_nano) == ("exception", 3_000_000_000)
    assert attributes(event) == {"exception.type": "SchemaError", "exception.message": "no column price"}


def test_otlp_of_the_recorded_traces_is_complete(pipeline: Trace, failed: Trace) -> None:
    for trace in (pipeline, failed):
        spans = [
            span
            for resource in parse(to_otlp(trace)).resource_spans
            for span in resource.scope_spans[0].spans
        ]
        assert len(spans) == len(trace.tree.nodes)
        ids = {span.span_id for span in spans}
        assert [span.name for span in spans if span.parent_span_id not in ids] == ["start-pipeline"]
        assert all(span.end_time_unix_nano >= span.start_time_unix_nano > 0 for span in spans)


def test_otlp_of_a_hostile_trace_is_still_otlp(hostile: Trace) -> None:
    otlp = to_otlp(hostile)
    assert all(re.fullmatch("[0-9a-f]{16}", span["spanId"]) for span in spans_of(otlp))
    json.dumps(otlp, allow_nan=False)


def test_otlp_says_what_is_still_running(data: Path) -> None:
    from trace_viewer import load

    running = [span["name"] for span in spans_of(to_otlp(load(data / "running.json")))
               if any(item["key"] == "aws.xray.in_progress" for item in span["attributes"])]  # fmt: skip
    assert sorted(running) == ["Clean Data", "Glue", "Glue", "Pipeline", "Remove Duplicates", "clean"]


def test_perfetto_events_have_the_shape_of_the_format(failed: Trace) -> None:
    exported = to_perfetto(failed)
    events = exported["traceEvents"]
    complete = [event for event in events if event["ph"] == "X"]
    assert len(complete) == len(failed.tree.nodes)
    assert {event["ph"] for event in events} == {"M", "X", "s", "f"}
    for event in complete:
        assert set(event) == {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"}
        assert event["ts"] >= 0 and event["dur"] >= 0
    names = {event["pid"]: event["args"]["name"] for event in events if event["ph"] == "M"}
    assert sorted(names.values()) == ["Glue", "Pipeline", "clean", "process", "start-pipeline"]
    json.dumps(exported, allow_nan=False)


def test_perfetto_events_nest_within_their_lane() -> None:
    # Given a parent with two children that overlap: one lane cannot hold both
    trace = as_trace(doc("a", 0, 10, subsegments=[doc("b", 1, 5), doc("c", 3, 8), doc("d", 6, 7)]))
    lanes = {event["name"]: event["tid"] for event in to_perfetto(trace)["traceEvents"] if event["ph"] == "X"}
    assert lanes == {"a": 1, "b": 1, "c": 2, "d": 1}


def test_perfetto_arrows_lead_from_callers_to_segments(pipeline: Trace) -> None:
    events = to_perfetto(pipeline)["traceEvents"]
    starts = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert set(starts) == set(ends)
    assert len(starts) == len(pipeline.tree.segments) - 1
    assert all(starts[key]["ts"] <= ends[key]["ts"] for key in starts)
