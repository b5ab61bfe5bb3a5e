# SPDX-License-Identifier: Apache-2.0
"""Traces from files, in the forms in which people have them."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import SeveralTracesError, Trace, TraceFileError, load, load_all, render_html, to_otlp
from trace_viewer.cli import main
from trace_viewer.model.tree import Tree, build
from xray_helper.export.otlp_file import write_otlp_file
from xray_helper.export.spill import spill
from xray_helper.translate.segments import segment_json

ONE, TWO = "1-6553f100-000000000000000000000001", "1-6553f100-000000000000000000000002"
START = 1_700_000_000


def documents(trace_id: str) -> list[dict[str, Any]]:
    """Return a caller of two seconds that calls a store for half a second."""
    below = {"parent_id": f"{trace_id[-1]}" * 16}
    front = {"id": f"{trace_id[-1]}" * 16, "name": "front", "start_time": START, "end_time": START + 2}
    store = {"id": f"{trace_id[-1]}a" * 8, "name": "store", "start_time": START + 0.5, "end_time": START + 1}
    return [front | {"trace_id": trace_id}, store | {"trace_id": trace_id} | below]


def answer(trace_id: str, form: Callable[[Any], Any] = json.dumps) -> dict[str, Any]:
    """Return the trace as BatchGetTraces does; `form` makes the Document."""
    segments = [{"Id": item["id"], "Document": form(item)} for item in documents(trace_id)]
    return {"Id": trace_id, "Duration": 2.0, "LimitExceeded": False, "Segments": segments}


def lines(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def otlp_span(trace_id: str, **fields: Any) -> dict[str, Any]:
    """Return a span of two seconds as OTLP JSON; its id is that of the front."""
    ids = {"traceId": trace_id[2:].replace("-", ""), "spanId": trace_id[-1] * 16}
    times = {"startTimeUnixNano": f"{START}000000000", "endTimeUnixNano": f"{START + 2}000000000"}
    return {**ids, "name": "front", "kind": 2, **times, **fields}


def otlp(*spans: Any, service: str = "front") -> dict[str, Any]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


def as_base64(digits: str) -> str:
    return base64.b64encode(bytes.fromhex(digits)).decode()


STORE_SPAN = {
    "spanId": "1a" * 8,
    "parentSpanId": "1" * 16,
    "name": "store",
    "kind": 3,
    "startTimeUnixNano": START * 10**9 + 500_000_000,
    "endTimeUnixNano": (START + 1) * 10**9,
}
FLAT = otlp_span(ONE, kind="SERVER", resource={"attributes": {"service.name": "front"}})
FLAT_STORE = otlp_span(ONE, **STORE_SPAN) | {"kind": "CLIENT"}
IN_BASE64 = [
    {**span, "traceId": as_base64(ONE[2:].replace("-", "")), "spanId": as_base64(span["spanId"])}
    for span in (otlp_span(ONE, kind="SPAN_KIND_SERVER"), otlp_span(ONE, **STORE_SPAN))
]
IN_BASE64[1]["parentSpanId"] = as_base64("1" * 16)
BOTH = otlp(otlp_span(ONE), otlp_span(ONE, **STORE_SPAN))
ONE_TRACE = {
    "the whole answer": lines({"Traces": [answer(ONE)], "UnprocessedTraceIds": []}),
    "--query 'Traces[*]'": json.dumps([answer(ONE)], indent=4),
    "--query 'Traces[0]'": json.dumps(answer(ONE)),
    "--query 'Traces[*].Segments[*].Document'": json.dumps([[json.dumps(item) for item in documents(ONE)]]),
    "--query 'Traces[].Segments[]'": json.dumps(answer(ONE)["Segments"]),
    "pages, one below the other": json.dumps(
        {"Traces": [{**answer(ONE), "Segments": answer(ONE)["Segments"][:1]}]}, indent=1
    )
    + json.dumps({"Traces": [{**answer(ONE), "Segments": answer(ONE)["Segments"][1:]}]}, indent=1),
    "documents that are objects": json.dumps(answer(ONE, form=lambda item: item)),
    "one document a line": lines(*documents(ONE)),
    "Windows' line ends": lines(*documents(ONE)).replace("\n", "\r\n"),
    "a list of documents": json.dumps(documents(ONE)),
    "subsegments in a single segment": json.dumps(
        documents(ONE)[0] | {"subsegments": [{**documents(ONE)[1], "parent_id": None}]}
    ),
    "what the daemon receives": "".join(
        f'{{"format": "json", "version": 1}}\n{json.dumps(item)}\n' for item in documents(ONE)
    ),
    "what PutTraceSegments takes": json.dumps(
        {"TraceSegmentDocuments": [json.dumps(item) for item in documents(ONE)]}
    ),
    "Transaction Search, list-retrieved-traces": json.dumps(
        {
            "RetrievalStatus": "COMPLETE",
            "Traces": [{"Id": ONE, "Spans": [{"Document": json.dumps(FLAT)}, answer(ONE)["Segments"][1]]}],
        }
    ),
    "events of aws/spans, a line each": lines(FLAT, FLAT_STORE),
    "aws logs tail aws/spans": "".join(
        f"2024-12-11T02:53:19.278000+00:00 default {json.dumps(span)}\n" for span in (FLAT, FLAT_STORE)
    ),
    "aws logs filter-log-events": json.dumps(
        {"events": [{"timestamp": 1, "message": json.dumps(span)} for span in (FLAT, FLAT_STORE)]}
    ),
    "aws logs get-query-results": json.dumps(
        {"results": [[{"field": "@message", "value": json.dumps(span)}] for span in (FLAT, FLAT_STORE)]}
    ),
    "OTLP, hexadecimal ids": json.dumps(BOTH),
    "OTLP, base64 ids, named enumerations": json.dumps(otlp(*IN_BASE64)),
    "OTLP, a line each": lines(otlp(otlp_span(ONE)), otlp(otlp_span(ONE, **STORE_SPAN))),
    "Grafana Tempo": json.dumps({"batches": BOTH["resourceSpans"]}),
    "Jaeger's OTLP": json.dumps({"result": BOTH}),
}  # fmt: skip


@pytest.mark.parametrize("form", ONE_TRACE)
def test_a_trace_opens_in_every_form(form: str, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.write_text(ONE_TRACE[form], encoding="utf-8")
    trace = load(path)
    assert (trace.id, trace.to_json()["Duration"]) == (ONE, 2.0)
    tree = trace.tree
    assert [(node.name, node.id) for node in tree.nodes] == [("front", "1" * 16), ("store", "1a" * 8)]
    assert (tree.start, tree.duration, tree.nodes[1].duration) == (START, 2.0, 0.5)
    assert (tree.problems, tree.orphans) == ([], [])


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "PowerShell 5 writes UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first, with a mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-16, big end first, without a mark": lambda text: text.encode("utf-16-be"),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip of UTF-16": lambda text: gzip.compress(text.encode("utf-16")),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_trace_opens_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    trace = answer(ONE)
    trace["Segments"][0]["Document"] = trace["Segments"][0]["Document"].replace("front", "Grüße")
    path = tmp_path / "trace.json"
    path.write_bytes(ENCODINGS[encoding](json.dumps({"Traces": [trace]}, ensure_ascii=False)))
    assert load(path).tree.root.name == "Grüße"


def test_standard_input_is_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = io.TextIOWrapper(io.BytesIO(gzip.compress(ONE_TRACE["the whole answer"].encode())))
    monkeypatch.setattr(sys, "stdin", content)
    assert main(["--file", "-"]) == 0
    assert capsys.readouterr().out.startswith("✓ OK  2.00s")


SEVERAL = {
    "--query 'Traces[*]'": json.dumps([answer(ONE), answer(TWO)]),
    "the whole answer": json.dumps({"Traces": [answer(ONE), answer(TWO)]}),
    "one trace a line": lines(answer(ONE), answer(TWO)),
    "documents of both, a line each": lines(
        *(item for pair in zip(documents(ONE), documents(TWO), strict=True) for item in pair)
    ),
    "OTLP": json.dumps(otlp(otlp_span(ONE), otlp_span(TWO), otlp_span(ONE, **STORE_SPAN))),
}


@pytest.mark.parametrize("form", SEVERAL)
def test_of_several_traces_there_is_a_list_and_one_can_be_chosen(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "traces.json"
    path.write_text(SEVERAL[form])
    assert main(["--file", str(path)]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[:3] for line in out.splitlines()] == [[ONE, "OK", "2.00s"], [TWO, "OK", "2.00s"]]
    assert err == f"glue-xray view: {path} holds 2 traces: choose one with --trace-id.\n"
    for chosen in (TWO, TWO[2:].replace("-", "")):  # as X-Ray and as OpenTelemetry writes it
        assert main(["--file", str(path), "--trace-id", chosen]) == 0
        assert TWO in capsys.readouterr().out.splitlines()[0]


def test_a_page_of_several_traces_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, page = tmp_path / "traces.json", tmp_path / "page.html"
    path.write_text(SEVERAL["one trace a line"])
    assert main(["--file", str(path), "--html", str(page)]) == 1
    assert not page.exists()
    assert main(["--file", str(path), "--trace-id", "1-6553f100-" + "9" * 24]) == 1
    assert capsys.readouterr().err.endswith(f": it has {ONE}, {TWO}.\n")


def test_one_line_that_is_cut_off_costs_that_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    path.write_text(lines(*documents(ONE)) + '{"id": "3", "start_ti')
    tree = load(path).tree
    assert tree.problems == ["A line of the file is no JSON and is ignored."]
    assert [node.name for node in tree.nodes] == ["front", "store"]


NO_TRACE: dict[str, tuple[bytes, str]] = {
    "an id that X-Ray does not know": (
        json.dumps({"Traces": [], "UnprocessedTraceIds": [ONE]}).encode(),
        f"holds no trace: X-Ray has no such trace ({ONE})",
    ),
    "an answer without traces": (b'{"Traces": []}', "X-Ray has no such trace"),
    "nothing": (b"", "is empty"),
    "blanks": (b" \r\n", "is empty"),
    "a file that was cut off": (json.dumps(answer(ONE), indent=1).encode()[:-90], "was cut off"),
    "a page": (b"<!DOCTYPE html><html><h1>503</h1></html>", "is a page or XML, not JSON"),
    "Jaeger": (
        b'{"data": [{"traceID": "1", "spans": [{"traceID": "1", "spanID": "2"}]}]}',
        "is a trace of Jaeger: ask Jaeger for OTLP instead (GET /api/v3/traces/ID)",
    ),
    "Zipkin": (b'[[{"traceId": "1", "id": "2", "timestamp": 3, "duration": 4}]]', "is a trace of Zipkin"),
    "summaries": (b'{"TraceSummaries": [{"Id": "1-2-3"}]}', "`aws xray batch-get-traces`"),
    "a Chrome trace": (b'{"traceEvents": []}', "is a Chrome trace"),
    "OTLP logs": (b'{"resourceLogs": []}', "holds OTLP logs, not spans"),
    "an error of AWS": (b'{"__type": "ThrottledException"}', "holds an error of AWS"),
    "a zip": (b"PK\x03\x04rest", "is a zip archive: unpack it first"),
    "half a gzip": (gzip.compress(b'{"Id": 1}' * 99)[:30], "is a damaged gzip file"),
    "bytes": (b"\xc3\x28\xff", "is not text in UTF-8"),
    "--output yaml": (b"Traces:\n- Id: 1\n", "is YAML: run the AWS CLI with --output json"),
    "--output text": (b"TRACES\t2.0\t1-2-3\tFalse\n", "run the AWS CLI with --output json"),
    "--output table": (b"-------------\n|BatchGetTraces|\n", "run the AWS CLI with --output json"),
    "Python's print": (b"{'Traces': [{'Id': '1-2-3'}]}", "write it with json.dumps"),
    "an error of the AWS CLI": (b"\nAn error occurred (AccessDenied)", "is a message of the AWS CLI"),
    "a note": (b"remember the milk", "is not JSON: Expecting value"),
    "a number of 10,000 digits": (b"[" + b"9" * 10_000 + b"]", "is JSON that cannot be read"),
    "nested beyond reading": (b"[" * 100_000, "is JSON that cannot be read: it is nested too deep"),
    "null": (b"null", "holds no X-Ray trace"),
}


@pytest.mark.parametrize("kind", NO_TRACE)
def test_what_holds_no_trace_is_told_by_what_it_is(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, message = NO_TRACE[kind]
    path = tmp_path / "file.json"
    path.write_bytes(content)
    assert main(["--file", str(path)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"glue-xray view: {path} ") and message in err


def test_a_directory_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TraceFileError, match="is a directory: name one file of it"):
        load(tmp_path)


def test_a_page_of_the_viewer_is_a_trace(tmp_path: Path, pipeline: Trace) -> None:
    path = tmp_path / "trace.html"
    path.write_text(render_html(pipeline), encoding="utf-8")
    assert load(path) == pipeline


def test_the_viewers_own_otlp_reads_like_the_documents_it_was_made_of(
    tmp_path: Path, pipeline: Trace
) -> None:
    path = tmp_path / "otlp.json"
    path.write_text(json.dumps(to_otlp(pipeline)))
    read = load(path)
    assert read.id == pipeline.id
    for node, original in zip(read.tree.nodes, pipeline.tree.nodes, strict=True):
        assert (node.id, node.name, node.is_segment) == (original.id, original.name, original.is_segment)
        assert (node.status, node.origin, node.inferred) == (
            original.status,
            original.origin,
            original.inferred,
        )
        assert node.annotations.items() >= original.annotations.items()
        assert node.duration == pytest.approx(original.duration, abs=1e-5)


def test_a_span_of_anybody_keeps_what_it_says() -> None:
    pairs = {
        "http.response.status_code": {"intValue": "503"},
        "big": {"intValue": "9007199254740993"},
        "ratio": {"doubleValue": 0.5},
        "odd": {"doubleValue": "NaN"},
        "tags": {"arrayValue": {"values": [{"stringValue": "a"}, {"boolValue": True}]}},
        "deep": {"kvlistValue": {"values": [{"key": "k", "value": {"intValue": 1}}]}},
        "none": {},
    }
    exception = [
        {"key": "exception.type", "value": {"stringValue": "IOError"}},
        {"key": "exception.message", "value": {"stringValue": "gone"}},
        {"key": "exception.stacktrace", "value": {"stringValue": "at A.b(A.java:3)\n  at C.d(C.java:4)"}},
    ]
    span = otlp_span(
        ONE,
        name="GET /orders",
        attributes=[{"key": key, "value": value} for key, value in pairs.items()],
        status={"code": "STATUS_CODE_ERROR", "message": "failed"},
        events=[{"name": "exception", "attributes": exception}, {"name": "retry"}],
    )
    (trace,) = read(json.dumps(otlp(span, service="shop")))
    node = trace.tree.root
    assert (node.name, node.status, node.annotations) == ("shop", "fault", {"operation": "GET /orders"})
    assert node.exceptions[0].headline == "IOError: gone"
    assert node.exceptions[0].stack == ("at A.b(A.java:3)", "at C.d(C.java:4)")
    values = node.metadata["default"]
    assert (values["big"], values["ratio"], values["odd"]) == (9007199254740993, 0.5, "NaN")
    assert (values["tags"], values["deep"], values["none"]) == (["a", True], {"k": 1}, None)
    assert node.metadata["resource"] == {"service.name": "shop"}


def read(content: str) -> list[Trace]:
    """Read traces of a text as of a file."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(content)
        file.flush()
        return load_all(file.name)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": {"code": 2}}, "fault"),
        ({"status": {"code": 2}, "attributes": {"http.status_code": 404}}, "error"),
        ({"attributes": {"http.status_code": 429}}, "throttle"),
        ({"status": {"code": "UNSET"}}, "ok"),
        ({"endTimeUnixNano": 0}, "running"),
        ({"attributes": {"aws.xray.inprogress": True}}, "running"),
        ({"kind": [1], "status": "x", "events": {}, "attributes": 5, "resource": []}, "ok"),
    ],
)
def test_the_state_of_a_span_is_read(fields: dict[str, Any], status: str) -> None:
    (trace,) = read(json.dumps(FLAT | fields))
    assert trace.tree.root.status == status


@pytest.fixture
def spans() -> list[ReadableSpan]:
    """The spans of a job with one step, as the library records them."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "load"}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("load", kind=SpanKind.SERVER) as job:
        job.set_attributes(
            {"rows_read": 5, "rows_loaded": 5, "aws.xray.annotations": ["rows_read", "rows_loaded"]}
        )
        with pytest.raises(ValueError), tracer.start_as_current_span("Read Data"):
            raise ValueError("no such column")
    return list(kept.get_finished_spans())


def test_what_the_library_writes_opens(spans: list[ReadableSpan], tmp_path: Path) -> None:
    def console(span: ReadableSpan) -> str:
        written = io.StringIO()
        ConsoleSpanExporter(out=written).export([span])
        return written.getvalue()

    paths = {
        "spans_uri": write_otlp_file(spans, str(tmp_path), seconds=1),
        "spilled": spill([segment_json(span) for span in spans], str(tmp_path), seconds=1),
        "printed": str(tmp_path / "console.txt"),
    }
    Path(paths["printed"]).write_text("".join(map(console, spans)))
    for form, path in paths.items():
        tree = load(path).tree
        assert [node.name for node in tree.nodes] == ["load", "Read Data"], form
        assert tree.root.annotations == {"rows_read": 5, "rows_loaded": 5}, form
        assert tree.nodes[1].exceptions[0].headline == "ValueError: no such column", form


def test_other_instrumentation_with_fields_of_its_own_opens(tmp_path: Path) -> None:
    segment = doc(
        "api",
        0,
        2,
        id="1" * 16,
        origin="AWS::ApiGateway::Stage",
        ADOT={"x": [1]},
        user="u",
        service={"version": 3},
    )
    path = tmp_path / "adot.json"
    path.write_text(json.dumps(as_trace(segment).to_json() | {"Extra": 1}))
    assert load(path).tree.root.kind == "ApiGateway Stage"


def test_documents_without_an_id_of_a_trace_belong_to_the_only_one() -> None:
    first, second = documents(ONE)
    del second["trace_id"]
    assert [len(trace.tree.nodes) for trace in read(lines(first, second))] == [2]


@pytest.mark.parametrize("form", ["jsonl", "otlp"])
def test_a_tree_is_built_once(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"trace.{form}"
    built: list[Any] = []

    def counted(*given: Any) -> Tree:
        built.append(given)
        return build(*given)

    whole = as_trace(*documents(ONE))
    lines = [text for _, text in whole.segments] if form == "jsonl" else [json.dumps(to_otlp(whole))]
    path.write_text("\n".join(lines))
    monkeypatch.setattr("trace_viewer.model.trace.build", counted)
    trace = load(path)
    assert trace.tree.duration == trace.to_json()["Duration"] == 2.0
    assert len(built) == 1


def test_several_traces_are_told_to_callers() -> None:
    with pytest.raises(SeveralTracesError) as caught:
        import tempfile

        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(SEVERAL["OTLP"])
            file.flush()
            load(file.name)
    assert [trace.id for trace in caught.value.traces] == [ONE, TWO]
