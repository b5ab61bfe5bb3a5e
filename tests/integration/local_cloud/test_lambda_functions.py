# SPDX-License-Identifier: Apache-2.0
"""Lambda functions: a clean environment, retries of events, the dead-letter queue, the chosen log group."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.waiting import Client, wait_until

_ROLE = "arn:aws:iam::000000000000:role/r"


def _create(aws: Client, name: str, code: str, **members: Any) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as asset:
        asset.writestr("index.py", code)
    aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Role=_ROLE,
        Timeout=30,
        Code={"ZipFile": archive.getvalue()},
        **members,
    )
    wait_until(lambda: aws("lambda").get_function(FunctionName=name)["Configuration"]["State"] == "Active")


@pytest.fixture(scope="module")
def seen(aws: Client) -> dict[str, Any]:
    """What a function sees."""
    code = """\
import importlib.util, os
import boto3

def handler(event, context):
    names = ("pyspark", "ministack", "aws_cdk", "xray_helper", "numpy", "pytest")
    return {"environment": dict(os.environ), "found": [n for n in names if importlib.util.find_spec(n)],
            "boto3": boto3.__version__}
"""
    _create(
        aws, "seeing", code, Environment={"Variables": {"MINE": "yes"}}, LoggingConfig={"LogGroup": "/chosen"}
    )
    answer = aws("lambda").invoke(FunctionName="seeing", Payload=b"{}")
    seen: dict[str, Any] = json.loads(answer["Payload"].read())
    return seen


def test_each_line_of_a_function_has_an_id(aws: Client, seen: dict[str, Any]) -> None:
    events = aws("logs").filter_log_events(logGroupName="/chosen")["events"]
    assert len(events) > 2  # START, END and REPORT at least
    assert len({event["eventId"] for event in events}) == len(events)


def test_a_function_finds_boto3_and_nothing_of_this_project(seen: dict[str, Any]) -> None:
    assert seen["found"] == []
    assert seen["boto3"]


def test_a_function_finds_the_variables_of_lambda_and_its_own(seen: dict[str, Any]) -> None:
    environment = seen["environment"]
    assert environment["MINE"] == "yes"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "seeing"
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == "/chosen"
    assert environment["_HANDLER"] == "index.handler"
    assert environment["AWS_XRAY_DAEMON_ADDRESS"].startswith("127.0.0.1:")
    assert not {"MINISTACK_HOST", "SFN_WAIT_SCALE", "NODE_PATH", "HOME"} & set(environment)


def test_its_log_goes_where_its_configuration_says(aws: Client, seen: dict[str, Any]) -> None:
    assert [
        group["logGroupName"]
        for group in aws("logs").describe_log_groups(logGroupNamePrefix="/chosen")["logGroups"]
    ]
    assert aws("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/seeing")["logGroups"] == []


def test_an_event_that_always_fails_is_tried_three_times_and_ends_in_the_dead_letter_queue(
    aws: Client,
) -> None:
    sqs = aws("sqs")
    queue = sqs.create_queue(QueueName="letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    code = "def handler(event, context):\n    print('attempt')\n    raise ValueError('no ' + event['name'])\n"
    _create(aws, "failing", code, DeadLetterConfig={"TargetArn": arn})
    event = {"name": "price"}
    aws("lambda").invoke(FunctionName="failing", InvocationType="Event", Payload=json.dumps(event))

    def received() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    message = wait_until(received)[0]
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"]) == event  # the event itself, to be sent again
    assert (attributes["ErrorCode"], attributes["ErrorMessage"]) == ("200", "no price")
    events = aws("logs").filter_log_events(logGroupName="/aws/lambda/failing", filterPattern="attempt")[
        "events"
    ]
    assert len([entry for entry in events if entry["message"] == "attempt"]) == 3
