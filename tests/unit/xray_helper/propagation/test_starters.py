# SPDX-License-Identifier: Apache-2.0
"""What started a job: nothing that hands it a trace header, and still it is in the right trace."""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.xray_helper.conftest import Reply, Server
from xray_common.ids import trace_start_epoch_s
from xray_helper import Job, Settings, traced_job

RUN = "wr_5f8a"
WORKFLOW = ["--traces", "on", "--WORKFLOW_NAME", "nightly", "--WORKFLOW_RUN_ID", RUN]
DIGEST = hashlib.sha256(RUN.encode()).hexdigest()
STARTED_S = int(time.time()) - 60 + 0.25
EXECUTION = "arn:aws:states:eu-west-1:000000000000:execution:load:2026-11-28"
HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled="


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Glue that knows when the workflow's run began."""
    with Server() as server:
        server.answer = lambda path, body: Reply({"Run": {"StartedOn": STARTED_S}})
        monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", server.url)
        yield server


def run(name: str, argv: list[str]) -> Job:
    with traced_job(name, argv=argv) as job:
        pass
    return job


def test_a_job_starts_a_trace_of_its_own(xray: Any) -> None:
    before = int(time.time())
    job = run("nightly", ["--traces", "on"])
    (document,) = xray.documents
    assert document["trace_id"] == job.trace_id
    assert before <= trace_start_epoch_s(str(job.trace_id)) <= time.time()
    assert "parent_id" not in document


def test_settings_in_code_leave_the_last_word_to_the_arguments(xray: Any) -> None:
    with traced_job(argv=["--job_name", "b"], settings=Settings(job_name="a")):
        pass
    with traced_job(argv=["--traces", "off"], settings=Settings(job_name="c")) as untraced:
        pass
    assert [document["name"] for document in xray.documents] == ["b"]
    assert not untraced.is_traced


def test_jobs_of_a_workflow_run_make_one_trace_below_one_segment(xray: Any, glue: Server) -> None:
    jobs = [run(name, WORKFLOW) for name in ("clean", "process")]
    assert {job.trace_id for job in jobs} == {f"1-{int(STARTED_S):08x}-{DIGEST[:24]}"}
    first, again = [document for document in xray.documents if document["name"] == "nightly"]
    assert first == again
    assert (first["id"], first["start_time"], first["end_time"]) == (DIGEST[24:40], STARTED_S, STARTED_S)
    assert first["annotations"] == {"run_id": RUN}
    below = [document for document in xray.documents if document["name"] != "nightly"]
    assert [(one["name"], one["parent_id"]) for one in below] == [
        ("clean", DIGEST[24:40]),
        ("process", DIGEST[24:40]),
    ]
    assert below[0]["metadata"]["default"]["xray.parent.source"] == "run"
    assert all(job.delivery and job.delivery.made == job.delivery.sent == 2 for job in jobs)
    assert [json.loads(body) for _, body in glue.requests] == [{"Name": "nightly", "RunId": RUN}] * 2


@pytest.mark.parametrize("fault", ["denied", "hold", "no client"])
def test_without_an_answer_of_glue_it_is_one_trace_all_the_same(
    xray: Any, glue: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    denied = Reply({"__type": "AccessDeniedException", "message": "not yours"}, status=400)
    glue.answer = lambda path, body: denied if fault == "denied" else Reply(hold=True)
    if fault == "hold":
        monkeypatch.setattr("xray_helper.propagation.parent_run._ASK_SECONDS", 0.2)
    if fault == "no client":
        monkeypatch.setattr("xray_helper.propagation.parent_run.aws_client", lambda service: 1 / 0)
    jobs = [run(name, WORKFLOW) for name in ("clean", "process")]
    (trace_id,) = {str(job.trace_id) for job in jobs}
    assert trace_id.endswith(DIGEST[:24])
    assert 0 <= time.time() - trace_start_epoch_s(trace_id) < 7 * 24 * 3600
    assert [document["name"] for document in xray.documents] == ["clean", "process"]
    assert not any("parent_id" in document for document in xray.documents)
    warnings = [record.getMessage() for record in caplog.records if "GetWorkflowRun" in record.getMessage()]
    assert len(warnings) == 2
    reasons = {"denied": "AccessDenied", "hold": "no answer in time", "no client": "ZeroDivisionError"}
    assert reasons[fault] in warnings[0]


def test_a_workflow_alone_asks_for_no_trace(xray: Any, glue: Server) -> None:
    assert not run("clean", WORKFLOW[2:]).is_traced
    assert (xray.requests, glue.requests) == ([], [])


@pytest.mark.parametrize("sampled", ["1", "0"])
def test_a_header_has_the_last_word(xray: Any, glue: Server, sampled: str) -> None:
    job = run("clean", [*WORKFLOW, "--trace_header", HEADER + sampled, "--execution_id", EXECUTION])
    assert job.trace_id == ("1-5759e988-bd862e3fe1be46a994272793" if sampled == "1" else None)
    assert glue.requests == []


@pytest.mark.parametrize("header", [[], ["--trace_header", ""]])
def test_jobs_of_an_execution_make_the_trace_that_its_state_machine_computes(
    xray: Any, header: list[str]
) -> None:
    argv = ["--execution_id", EXECUTION, "--execution_start", "2026-11-28T10:20:30.250Z", *header]
    job = run("clean", [*argv, "--step_name", "Clean Data"])
    digest = hashlib.sha256(EXECUTION.encode()).hexdigest()
    assert job.trace_id == f"1-{1795861230:08x}-{digest[:24]}"  # date -u -d 2026-11-28T10:20:30Z +%s
    execution, clean = xray.documents
    assert (execution["name"], execution["start_time"]) == ("load", 1795861230.25)
    assert clean["parent_id"] == execution["id"] == digest[24:40]


def test_the_last_line_shows_the_way_to_the_trace(
    xray: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "xray_helper")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    trace_id = run("clean", ["--traces", "on"]).trace_id
    assert caplog.messages[-1].endswith(f" s; glue-xray view --trace-id {trace_id}")  # its X-Ray is not AWS's
    monkeypatch.delenv("AWS_ENDPOINT_URL_XRAY")
    from xray_helper.export.last_line import console_url

    for region, host in [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ]:
        monkeypatch.setenv("AWS_REGION", region)
        path = f"cloudwatch/home?region={region}#xray:traces/{trace_id}"
        assert console_url(str(trace_id)) == f"https://{host}/{path}"


def test_the_last_line_is_seen_where_nobody_set_up_logging(
    xray: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    trace_id = run("clean", ["--traces", "on"]).trace_id
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert line.startswith(f"Trace {trace_id}: spans made=1 sent=1 ")
    assert captured.out == ""


@pytest.mark.parametrize(
    ("argv", "advice"),
    [
        (["--JOB_RUN_ID", "jr_1"], "--extra-py-files of the job, or run glue-xray attach JOB"),
        ([], "pip install"),
    ],
)
def test_forgotten_packages_are_one_sentence_with_the_way_out(
    argv: list[str], advice: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "xray_helper.session", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert not run("clean", ["--traces", "on", *argv]).is_traced
    (message,) = caplog.messages
    assert "opentelemetry" in message
    assert advice in message
