# SPDX-License-Identifier: Apache-2.0
"""Bad input ends FAILED with one sentence, and the trace shows where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo import pipeline
from demo.errors import DemoError
from tests.e2e import listings
from tests.e2e.bad_files import WRONG_COLUMNS
from tests.e2e.conftest import Deployment
from tests.e2e.expectations import failure

pytestmark = pytest.mark.e2e


def test_fails_with_a_clear_cause(deployment: Deployment, tmp_path: Path) -> None:
    # One file the whole way; what else can be wrong with a file is in tests/spark/jobs/test_bad_input.py.
    bad = WRONG_COLUMNS
    path = tmp_path / bad.name
    path.write_bytes(bad.content)
    execution = deployment.finish(deployment.start(path))

    failure.has_a_clear_cause(execution, bad.error, bad.says, f"input/{bad.name}")
    failure.is_where_the_trace_says(deployment.trace(execution), "Read Data")

    stored = deployment.s3.get_object(Bucket=deployment.bucket, Key=f"input/{path.name}")
    assert stored["Body"].read() == path.read_bytes()
    assert not deployment.keys(f"clean/{path.stem}/")


def test_an_unsupported_extension_starts_nothing_and_says_so(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "START_TIMEOUT_S", 3)
    path = tmp_path / "notes.txt"
    path.write_text("no data")
    with pytest.raises(DemoError, match="started no execution"):
        deployment.start(path)
    groups = [item["logGroupName"] for item in deployment.logs.describe_log_groups()["logGroups"]]
    (group,) = [name for name in groups if "IngestionLogs" in name]
    events = deployment.logs.filter_log_events(logGroupName=group)["events"]
    assert any("notes.txt" in event["message"] and ".csv" in event["message"] for event in events)


def test_the_same_event_twice_starts_one_execution(deployment: Deployment, tmp_path: Path) -> None:
    path = listings.write_listings(tmp_path / "twice.csv")
    arn = deployment.start(path)
    machine = deployment.outputs["StateMachineArn"]
    before = len(deployment.sfn.list_executions(stateMachineArn=machine)["executions"])
    given = json.loads(deployment.sfn.describe_execution(executionArn=arn)["input"])
    (function,) = [
        item["FunctionName"]
        for item in deployment.awslambda.list_functions()["Functions"]
        if item["Handler"].startswith("start_pipeline.")
    ]
    config = deployment.s3.get_bucket_notification_configuration(Bucket=deployment.bucket)
    assert config["LambdaFunctionConfigurations"]
    event = json.loads((Path(__file__).parent.parent / "events" / "s3_put.json").read_text())
    record = event["Records"][0]
    record["s3"]["bucket"]["name"] = given["bucket"]
    record["s3"]["object"] |= {"key": given["key"], "versionId": given["version_id"]}
    topic = {"Type": "Notification", "Message": json.dumps(event)}
    by_queue = {"messageId": "m", "eventSource": "aws:sqs", "body": json.dumps(topic)}
    answers = [
        deployment.awslambda.invoke(FunctionName=function, Payload=json.dumps(delivery))
        for delivery in (event, {"Records": [by_queue]}, event)
    ]
    assert all("FunctionError" not in answer for answer in answers)
    after = deployment.sfn.list_executions(stateMachineArn=machine)["executions"]
    # The hand-made event has a sequencer of its own, so it is one more delivery, thrice, once through SNS and
    # SQS: one execution.
    assert len(after) == before + 1
    for execution in after:  # nothing is asserted of how they end
        if execution["status"] == "RUNNING":
            deployment.sfn.stop_execution(executionArn=execution["executionArn"])
