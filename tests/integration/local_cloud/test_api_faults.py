# SPDX-License-Identifier: Apache-2.0
"""Faults that a test switches on at the cloud's endpoint."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud import LocalCloud
from local_cloud.control import ask
from tests.waiting import Client

Control = Callable[..., Any]


@pytest.fixture
def control(cloud: LocalCloud) -> Iterator[Control]:
    """Call the control interface; every fault is gone after the test."""

    def call(method: str, **fault: Any) -> Any:
        try:
            return ask("/_local_cloud/faults", fault, method=method, client=cloud.environment)
        except urllib.error.HTTPError as error:
            return error.code

    yield call
    call("DELETE")


def test_an_operation_is_throttled_as_often_as_asked(aws: Client, control: Control) -> None:
    control("POST", service="states", operation="ListActivities", code="ThrottlingException", count=2)
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            aws("stepfunctions").list_activities()
        assert caught.value.response["Error"]["Code"] == "ThrottlingException"
        aws("stepfunctions").list_state_machines()  # another operation is not touched
    assert aws("stepfunctions").list_activities()["activities"] == []
    assert control("GET")[0]["left"] == 0


def test_an_answer_can_be_lost_after_the_operation_took_place(aws: Client, control: Control) -> None:
    fault = {"service": "sqs", "operation": "CreateQueue", "code": "InternalFailure", "status": 500}
    control("POST", **fault, executed=True, count=1)
    with pytest.raises(ClientError):
        aws("sqs").create_queue(QueueName="lost-answer")
    assert aws("sqs").get_queue_url(QueueName="lost-answer")["QueueUrl"].endswith("/lost-answer")


def test_an_object_can_be_refused(aws: Client, bucket: str, control: Control) -> None:
    aws("s3").put_object(Bucket=bucket, Key="refused", Body=b"x")
    control("POST", service="s3", operation=f"GET /{bucket}/refused", code="SlowDown", status=503, count=1)
    with pytest.raises(ClientError) as caught:
        aws("s3").get_object(Bucket=bucket, Key="refused")
    assert caught.value.response["Error"]["Code"] == "SlowDown"
    assert aws("s3").get_object(Bucket=bucket, Key="refused")["Body"].read() == b"x"


def test_an_answer_can_be_late(aws: Client, control: Control) -> None:
    control("POST", service="states", operation="ListActivities", seconds=0.3, count=1)
    started = time.monotonic()
    aws("stepfunctions").list_activities()
    assert time.monotonic() - started >= 0.3


def test_a_fault_with_an_unknown_member_is_refused(control: Control) -> None:
    assert control("POST", service="states", often=True) == 400
