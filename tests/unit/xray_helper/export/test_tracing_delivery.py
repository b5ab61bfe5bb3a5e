# SPDX-License-Identifier: Apache-2.0
"""Collector, X-Ray and file: whatever breaks, made = sent + spilled + dropped, and the job is on time."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from xray_helper import Job, Settings, resend, traced_job
from xray_helper.clients import aws_client
from xray_helper.export.delivery import DeliveryReport
from xray_helper.export.xray import send_to_xray

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
HEADER = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"


def run(
    folder: Path, *, otlp_endpoint: str | None = None, steps: int = 2, budget_s: float = 2.0
) -> DeliveryReport:
    """Run a job of some steps and return its delivery report."""
    settings = Settings(
        job_name="clean",
        trace_header=HEADER,
        otlp_endpoint=otlp_endpoint,
        spill_uri=str(folder),
        end_budget_s=budget_s,
    )
    started = time.monotonic()
    with traced_job(settings=settings) as job:
        for number in range(steps):
            with job.step(f"step {number}"):
                pass
    assert time.monotonic() - started < budget_s + 1.0
    return report_of(job)


def report_of(job: Job) -> DeliveryReport:
    report = job.delivery
    assert report is not None
    assert report.made == report.sent + report.spilled + report.dropped
    return report


def spilled(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line) for file in folder.glob("_spans-*.jsonl") for line in file.read_text().splitlines()
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spilled"


def test_the_collector_gets_everything_in_one_request(collector: Any, xray: Any, folder: Path) -> None:
    report = run(folder, otlp_endpoint=collector.url)
    assert (report.made, report.to_collector, report.dropped) == (3, 3, 0)
    assert len(collector.requests) == 1
    assert {span.name for span in collector.spans()} == {"clean", "step 0", "step 1"}
    assert {span.trace_id.hex() for span in collector.spans()} == {"5759e988bd862e3fe1be46a994272793"}
    assert xray.requests == []
    assert not folder.exists()


@pytest.mark.parametrize("suffix", ["", "/", "/v1/traces"])
def test_the_endpoint_may_be_written_in_any_usual_way(collector: Any, folder: Path, suffix: str) -> None:
    assert run(folder, otlp_endpoint=collector.url + suffix).to_collector == 3


def test_without_a_collector_xray_is_written_directly(xray: Any, folder: Path) -> None:
    report = run(folder)
    assert (report.to_xray, report.dropped) == (3, 0)
    [batch] = xray.puts()
    assert [document["name"] for document in batch] == ["clean", "step 0", "step 1"]
    job, first, _ = batch
    assert job["parent_id"] == "53995c3f42cd8ad8"
    assert first["parent_id"] == job["id"]
    assert first["type"] == "subsegment"
    assert {document["trace_id"] for document in batch} == {ROOT}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"hold": True}, "gave no answer"),
        ({"trickle": True}, "gave no answer"),
        ({"reset": True}, "gave no answer"),
        ({"status": 500}, "answered 500"),
        ({"status": 404}, "answered 404"),
        ({"status": 429, "headers": {"Retry-After": "30"}}, "answered 429"),
        ({"status": 503}, "answered 503"),
    ],
)
def test_a_faulty_collector_sends_the_spans_to_xray(
    collector: Any, xray: Any, folder: Path, reply: Any, fault: dict[str, Any], reason: str
) -> None:
    collector.answer = lambda path, body: reply(**fault)
    report = run(folder, otlp_endpoint=collector.url)
    assert (report.to_collector, report.to_xray, report.spilled, report.dropped) == (0, 3, 0, 0)
    assert reason in report.errors[0]
    assert len(xray.documents) == 3


@pytest.mark.parametrize("endpoint", ["http://collector.invalid:4318", "nonsense", "http://[::1"])
def test_an_endpoint_that_is_nowhere_sends_the_spans_to_xray(xray: Any, folder: Path, endpoint: str) -> None:
    report = run(folder, otlp_endpoint=endpoint)
    assert (report.to_xray, report.dropped) == (3, 0)


def test_a_collector_that_is_down_sends_the_spans_to_xray(xray: Any, folder: Path, nowhere: str) -> None:
    report = run(folder, otlp_endpoint=nowhere)
    assert (report.to_xray, report.dropped) == (3, 0)


def test_a_collector_that_asks_for_a_moment_gets_it(
    collector: Any, xray: Any, folder: Path, reply: Any
) -> None:
    def answer(path: str, body: bytes) -> Any:
        return reply(status=429, headers={"Retry-After": "0"}) if len(collector.requests) == 1 else reply()

    collector.answer = answer
    report = run(folder, otlp_endpoint=collector.url)
    assert (report.to_collector, len(collector.requests)) == (3, 2)
    assert xray.requests == []


def test_spans_that_the_collector_refuses_are_counted_as_dropped(collector: Any, folder: Path) -> None:
    collector.refuse(2)
    report = run(folder, otlp_endpoint=collector.url)
    assert (report.to_collector, report.dropped) == (1, 2)
    assert report.errors == ["the collector refused 2 spans"]


def test_everything_down_leaves_a_file_that_can_be_sent_later(
    xray: Any, folder: Path, nowhere: str, reply: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    work, xray.answer = xray.answer, lambda path, body: reply({"Message": "later"}, 503)
    report = run(folder, otlp_endpoint=nowhere)
    assert (report.sent, report.spilled, report.dropped) == (0, 3, 0)
    [file] = folder.iterdir()
    assert str(file) == report.spilled_to
    assert re.fullmatch(r"_spans-1-5759e988-bd862e3fe1be46a994272793-[0-9a-f]{16}\.jsonl", file.name)
    assert {document["name"] for document in spilled(folder)} == {"clean", "step 0", "step 1"}
    # When X-Ray works again
    xray.answer = work
    assert resend.main([str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: sent 3 of 3 segments.\n"
    assert {document["name"] for document in xray.documents} == {"clean", "step 0", "step 1"}


def test_resend_says_when_it_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "spans.jsonl"
    file.write_text('{"id": "a"}\n\n')
    assert resend.main([str(file)]) == 1
    assert f"{file}: sent 0 of 1 segments." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("gone.jsonl", None, "No such file or directory"),
        ("spans.jsonl", b"\xff\xfe{", "'utf-8' codec can't decode byte 0xff"),
        ("s3:///key", None, ""),  # botocore's own words
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_the_next_is_sent(
    tmp_path: Path, xray: Any, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, why: str
) -> None:
    file = name if name.startswith("s3:") else str(tmp_path / name)
    if content is not None:
        Path(file).write_bytes(content)
    good = tmp_path / "good.jsonl"
    good.write_text('{"id": "a"}\n')

    assert resend.main([file, str(good)]) == 1

    shown = capsys.readouterr()
    assert shown.err.startswith(f"glue-xray resend: {file} cannot be read: {why}")
    assert shown.err.count("\n") == 1
    assert shown.out == f"{good}: sent 1 of 1 segments.\n"


def test_no_way_at_all_is_counted_and_logged_once(
    tmp_path: Path, nowhere: str, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    caplog.set_level(logging.INFO, "xray_helper")
    report = run(blocked, otlp_endpoint=nowhere)
    assert (report.made, report.sent, report.spilled, report.dropped) == (3, 0, 0, 3)
    lines = [record for record in caplog.records if "spans made=" in record.getMessage()]
    assert [record.levelno for record in lines] == [logging.WARNING]
    assert "spans made=3 sent=0 (collector=0 x-ray=0) spilled=0 dropped=3; " in lines[0].getMessage()


def test_success_is_one_line_of_information(
    collector: Any, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "xray_helper")
    run(folder, otlp_endpoint=collector.url)
    [record] = [record for record in caplog.records if record.name == "xray_helper"]
    assert record.levelno == logging.INFO
    assert (
        f"Trace {ROOT}: spans made=3 sent=3 (collector=3 x-ray=0) spilled=0 dropped=0 in"
        in record.getMessage()
    )


def test_the_region_may_stand_in_either_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert aws_client("xray").meta.region_name == "eu-west-3"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert aws_client("xray").meta.region_name == "eu-west-1"


def test_fifty_documents_a_call(xray: Any) -> None:
    documents = [json.dumps({"id": f"{number:016x}"}) for number in range(1, 121)]
    assert send_to_xray(documents, seconds=5.0).unsent == []
    assert [len(batch) for batch in xray.puts()] == [50, 50, 20]
    assert [document["id"] for document in xray.documents] == [json.loads(text)["id"] for text in documents]


def test_what_xray_leaves_unprocessed_is_sent_again(xray: Any, reply: Any) -> None:
    first = "0000000000000001"

    def answer(path: str, body: bytes) -> Any:
        refused = [{"Id": first, "ErrorCode": "ThrottledException", "Message": "slow down"}]
        return reply({"UnprocessedTraceSegments": refused if len(xray.requests) < 3 else []})

    xray.answer = answer
    put = send_to_xray([json.dumps({"id": first}), json.dumps({"id": "0000000000000002"})], seconds=5.0)
    assert put.unsent == []
    assert [[document["id"] for document in batch] for batch in xray.puts()] == [
        [first, "0000000000000002"], [first], [first],
    ]  # fmt: skip


def test_what_xray_never_takes_is_spilled(xray: Any, folder: Path, reply: Any) -> None:
    def answer(path: str, body: bytes) -> Any:
        documents = [json.loads(text) for text in json.loads(body)["TraceSegmentDocuments"]]
        bad = [document["id"] for document in documents if document["name"] == "step 1"]
        refused = [{"Id": item, "ErrorCode": "InvalidSegment", "Message": "no"} for item in bad]
        return reply({"UnprocessedTraceSegments": refused})

    xray.answer = answer
    report = run(folder)
    assert (report.to_xray, report.spilled, report.dropped) == (2, 1, 0)
    assert report.errors == ["X-Ray refused a segment: InvalidSegment no"]
    assert [document["name"] for document in spilled(folder)] == ["step 1"]


@pytest.mark.parametrize("fault", [{"hold": True}, {"trickle": True}, {"reset": True}, {"status": 500}])
def test_a_faulty_xray_costs_its_share_of_the_time_and_no_span(
    xray: Any, folder: Path, reply: Any, fault: dict[str, Any]
) -> None:
    xray.answer = lambda path, body: reply(**fault)
    report = run(folder)
    assert (report.sent, report.spilled, report.dropped) == (0, 3, 0)


def test_everything_hanging_ends_within_the_budget(
    collector: Any, xray: Any, folder: Path, reply: Any
) -> None:
    collector.answer = xray.answer = lambda path, body: reply(hold=True)
    report = run(folder, otlp_endpoint=collector.url, budget_s=1.5)
    assert (report.sent, report.spilled, report.dropped) == (0, 3, 0)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    import boto3

    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="data")
        yield client


def test_spans_are_spilled_beside_the_output_in_s3(
    bucket: Any, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", nowhere)
    settings = Settings(job_name="clean", trace_header=HEADER, end_budget_s=2.0)
    with traced_job(settings=settings) as job:
        job.spill_to("s3://data/clean/a b?#/run_id=1/")
    report = report_of(job)
    assert (report.made, report.spilled) == (1, 1)
    [found] = bucket.list_objects_v2(Bucket="data")["Contents"]
    assert found["Key"].startswith("clean/a b?#/run_id=1/_spans-1-5759e988-bd862e3fe1be46a994272793-")
    assert report.spilled_to == f"s3://data/{found['Key']}"
    body = bucket.get_object(Bucket="data", Key=found["Key"])["Body"].read()
    assert json.loads(body)["name"] == "clean"


@pytest.mark.parametrize("as_uri", [False, True])
def test_folders_may_be_paths_or_file_uris(tmp_path: Path, nowhere: str, as_uri: bool) -> None:
    folder = tmp_path / "a b"
    place = folder.as_uri() if as_uri else str(folder)
    with traced_job(settings=Settings(trace_header=HEADER, spill_uri=place, end_budget_s=2.0)) as job:
        pass
    assert report_of(job).spilled == 1
    assert len(spilled(folder)) == 1


def test_the_parent_is_looked_up_beside_the_job_and_put_on_its_segment(
    collector: Any, xray: Any, trace_documents: Any
) -> None:
    xray.traces = trace_documents("step_running.json")
    argv = ["--trace_header", HEADER, "--step_name", "Clean Data", "--otlp_endpoint", collector.url]
    with traced_job("clean", argv=argv) as job, job.step("Read Data"):
        pass
    spans = {span.name: span for span in collector.spans()}
    assert spans["clean"].parent_span_id.hex() == "1e57ed0000000002"
    assert spans["Read Data"].parent_span_id == spans["clean"].span_id
    attributes = {item.key: item.value.string_value for item in spans["clean"].attributes}
    assert attributes["xray.parent.source"] == "step"
    assert attributes["xray.parent.api"] == "BatchGetTraces"


def test_a_look_up_that_hangs_leaves_the_headers_parent(collector: Any, xray: Any, reply: Any) -> None:
    xray.answer = lambda path, body: reply(hold=True)
    settings = Settings(
        job_name="clean",
        trace_header=HEADER,
        step_name="Clean Data",
        otlp_endpoint=collector.url,
        end_budget_s=2.0,
    )
    started = time.monotonic()
    with traced_job(settings=settings):
        entered = time.monotonic()
    assert entered - started < 0.5  # the job does not wait for the look-up
    assert time.monotonic() - started < 2.5
    [span] = collector.spans()
    assert span.parent_span_id.hex() == "53995c3f42cd8ad8"
    assert {item.key: item.value.string_value for item in span.attributes}["xray.parent.source"] == "header"


def test_a_long_job_shows_itself_and_its_steps_in_progress_once(collector: Any, xray: Any) -> None:
    settings = Settings(job_name="clean", trace_header=HEADER, otlp_endpoint=collector.url, checkpoint_s=0.05)
    with traced_job(settings=settings) as job, job.step("Read Data"):
        assert xray.put_arrived.wait(10)
    [batch] = xray.puts()
    shown = {document["name"]: document for document in batch}
    assert set(shown) == {"clean", "Read Data"}
    assert all(document["in_progress"] and "end_time" not in document for document in batch)
    assert shown["clean"]["parent_id"] == "53995c3f42cd8ad8"
    assert shown["Read Data"]["parent_id"] == shown["clean"]["id"]
    # The complete ones replace them: same ids, through the collector.
    assert {span.span_id.hex() for span in collector.spans()} == {document["id"] for document in batch}


WITHOUT_SDK = """
import sys, time
from xray_helper import traced_job
from xray_helper.settings import Settings

with traced_job(settings=Settings(job_name="clean", otlp_endpoint=sys.argv[1], checkpoint_s=0.2)):
    {first}
    time.sleep(float(sys.argv[2]))
    print("botocore.session" in sys.modules)
"""


@pytest.mark.parametrize(
    ("first", "seconds", "is_shown"),
    [("pass", 1.2, False), ("pass", 4.0, True), ("import botocore.session", 1.2, True)],
    ids=["a short job", "a long one", "one that has the SDK"],
)
def test_the_sdk_is_imported_to_show_a_job_that_is_no_short_one(
    collector: Any, xray: Any, first: str, seconds: float, is_shown: bool
) -> None:
    code = WITHOUT_SDK.format(first=first)
    done = subprocess.run(
        [sys.executable, "-c", code, collector.url, str(seconds)], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), bool(xray.puts())) == (str(is_shown), is_shown)


def test_a_short_job_is_not_shown_in_progress(collector: Any, xray: Any, folder: Path) -> None:
    run(folder, otlp_endpoint=collector.url)
    assert xray.puts() == []


def test_all_spans_are_in_a_file_where_that_is_asked_for(xray: Any, tmp_path: Path) -> None:
    settings = Settings(
        job_name="clean", trace_header=HEADER, spans_uri=f"file://{tmp_path}/a b", share_bytes=2_000
    )
    with traced_job(settings=settings) as job:
        for number in range(600):
            with job.step(f"step {number}"):
                pass
    sent = report_of(job).to_xray
    [file] = (tmp_path / "a b").glob("_trace-*.otlp.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    spans = [
        span
        for line in lines
        for resource in line["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    assert (len(lines), len(spans), sent < 20) == (2, 601, True)
    assert {span["traceId"] for span in spans} == {"5759e988bd862e3fe1be46a994272793"}
    [root] = [span for span in spans if span["name"] == "clean"]
    assert root["parentSpanId"] == "53995c3f42cd8ad8"
    assert {span["parentSpanId"] for span in spans if span is not root} == {root["spanId"]}
    assert {int(span["endTimeUnixNano"]) >= int(span["startTimeUnixNano"]) for span in spans} == {True}


def test_a_file_that_cannot_be_written_costs_the_trace_nothing(xray: Any, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    with traced_job(settings=Settings(trace_header=HEADER, spans_uri=str(tmp_path / "taken"))) as job:
        pass
    assert report_of(job).to_xray == 1
