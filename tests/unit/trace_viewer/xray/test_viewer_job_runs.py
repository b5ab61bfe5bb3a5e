# SPDX-License-Identifier: Apache-2.0
"""What Glue bills is asked for where a trace names its runs; without an answer nothing is missed."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.unit.trace_viewer.documents import TRACE_ID, as_trace, doc
from tests.unit.trace_viewer.xray_server import growing_xray
from trace_viewer.cli import main
from trace_viewer.model.trace import Trace
from trace_viewer.xray.job_runs import read_job_runs

RUN = {"Id": "jr_1", "WorkerType": "G.1X", "NumberOfWorkers": 2, "ExecutionTime": 90, "MaxCapacity": 2.0}


class Session:
    """Hands out one client of Glue, and fails the test where none should be wanted."""

    region_name = "us-east-1"

    def __init__(self) -> None:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        self.glue: Any = boto3.client("glue", region_name="us-east-1", **keys)

    def client(self, name: str, **_: Any) -> Any:
        assert name == "glue"
        return self.glue


def trace(**facts: str) -> Trace:
    return as_trace(doc("clean", 0.0, 80.0, metadata={"default": facts}))


NAMED = {"aws.glue.job.name": "Stack-Clean", "otel.resource.aws.glue.job.run_id": "jr_1"}


def test_each_run_is_asked_for_by_glues_own_name() -> None:
    session = Session()
    with Stubber(session.glue) as glue:
        glue.add_response("get_job_run", {"JobRun": RUN}, {"JobName": "Stack-Clean", "RunId": "jr_1"})

        assert read_job_runs(trace(**NAMED), session) == {"jr_1": RUN}


def test_a_refusal_says_nothing() -> None:
    session = Session()
    with Stubber(session.glue) as glue:
        glue.add_client_error("get_job_run", "AccessDeniedException")

        assert read_job_runs(trace(**NAMED), session) == {}


@pytest.mark.parametrize("left_out", NAMED)
def test_a_trace_that_names_no_run_asks_nobody(left_out: str) -> None:
    facts = {name: value for name, value in NAMED.items() if name != left_out}

    assert read_job_runs(trace(**facts), object()) == {}


@pytest.mark.parametrize(
    ("answers", "words"), [([RUN | {"CompletedOn": 1.0}], "cost $0.022"), ([], "cost at least")]
)
def test_the_command_asks_glue_where_it_reads_from_xray(
    answers: list[dict[str, object]],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two G.1X workers for 90 s: 180 / 3600 x 0.44 = 0.022; by the job's own clock of 80 s a little less."""
    told = NAMED | {"aws.glue.job.worker_type": "G.1X", "aws.glue.job.number_of_workers": 2}
    document = doc("clean", 0.0, 80.0, metadata={"default": told}, aws={"region": "us-east-1"})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with growing_xray(as_trace(document)) as server:
        server.job_runs = answers
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)

        assert main(["--trace-id", TRACE_ID]) == 0

    assert words in capsys.readouterr().out
