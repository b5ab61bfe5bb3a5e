# SPDX-License-Identifier: Apache-2.0
"""An execution that a person starts, without a trace header: its jobs still make one trace."""

from __future__ import annotations

import json

import pytest

from demo import pipeline
from tests.e2e.runs import Runs
from trace_viewer import fetch_trace

pytestmark = pytest.mark.e2e

NAME = "started-by-hand"


def test_both_jobs_are_in_one_trace(runs: Runs) -> None:
    # Given the input of a run, with places of its own, and nothing that says of which trace it is
    deployment = runs.deployment
    described = deployment.sfn.describe_execution(executionArn=runs.good.arn)
    given = json.loads(described["input"].replace(f"run_id={runs.good.run_id}", f"run_id={NAME}"))
    del given["trace_header"], given["correlation_id"]
    # When somebody starts the state machine with it
    arn = deployment.sfn.start_execution(
        stateMachineArn=deployment.outputs["StateMachineArn"], name=NAME, input=json.dumps(given)
    )["executionArn"]
    pipeline.wait(deployment.sfn, arn)
    # Then the run is over, and both jobs have told the same trace
    history = deployment.sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    assert history[-1]["type"] == "ExecutionSucceeded", history[-1]
    started = [event["taskScheduledEventDetails"] for event in history if event["type"] == "TaskScheduled"]
    headers = {json.loads(one["parameters"])["Arguments"]["--trace_header"] for one in started}
    (header,) = headers
    trace = fetch_trace(header.removeprefix("Root=").partition(";")[0])
    segments = [json.loads(document)["name"] for _, document in trace.segments]
    assert {"clean-job", "process-job"} <= set(segments)
