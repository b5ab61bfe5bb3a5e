# SPDX-License-Identifier: Apache-2.0
"""The function behind the bucket, and its dead-letter queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk.aws_lambda as lambda_
import pytest

from tests.integration.stacks.conftest import Synthesized


@pytest.fixture(scope="module")
def function(default: Synthesized) -> dict[str, Any]:
    return default.only("AWS::Lambda::Function", "Ingestion")


def test_it_runs_the_newest_python_with_active_tracing(function: dict[str, Any]) -> None:
    newest = max(
        (getattr(lambda_.Runtime, name).name for name in dir(lambda_.Runtime) if name.startswith("PYTHON_3")),
        key=lambda name: int(name.rpartition(".")[2]),
    )
    assert function["Runtime"] == newest
    assert function["Handler"] == "start_pipeline.handler.handler"
    assert function["TracingConfig"] == {"Mode": "Active"}


def test_it_knows_the_state_machine_and_the_sampling_rate(
    function: dict[str, Any], synth: Callable[..., Synthesized]
) -> None:
    variables = function["Environment"]["Variables"]
    assert set(variables) == {"LOG_CORRELATION", "STATE_MACHINE_ARN", "TRACE_SAMPLING_RATE"}
    assert variables["STATE_MACHINE_ARN"]["Ref"].startswith("PipelineStateMachine")
    assert variables["TRACE_SAMPLING_RATE"] == "1.0"
    sampled = synth(trace_sampling_rate="0.1").only("AWS::Lambda::Function", "Ingestion")
    assert sampled["Environment"]["Variables"]["TRACE_SAMPLING_RATE"] == "0.1"


def test_it_logs_json_to_a_group_of_the_stack(function: dict[str, Any]) -> None:
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["LoggingConfig"]["LogGroup"]["Ref"].startswith("IngestionLogs")


def test_an_event_is_tried_three_times_and_then_kept(default: Synthesized, function: dict[str, Any]) -> None:
    retries = default.only("AWS::Lambda::EventInvokeConfig")
    assert retries["MaximumRetryAttempts"] == 2
    assert retries["MaximumEventAgeInSeconds"] == 6 * 60 * 60
    assert function["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][0].startswith("IngestionDeadLetters")


def test_failed_events_are_kept_encrypted_for_two_weeks(default: Synthesized) -> None:
    queue = default.only("AWS::SQS::Queue")
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    assert queue["KmsMasterKeyId"]["Fn::GetAtt"][0].startswith("Key")
    (statement,) = default.only("AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
