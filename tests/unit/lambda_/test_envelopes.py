# SPDX-License-Identifier: Apache-2.0
"""S3 notifications that reach the function by another road: each starts its execution, or fails aloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from start_pipeline.handler import PipelineNotStartedError, handler

from .conftest import Context
from .fake_aws import DENIED, FakeAws

Event = dict[str, Any]
Log = list[dict[str, Any]]


def record(
    key: str = "input/list+ings%2B1.csv", kind: str = "ObjectCreated:Put", sequencer: str = "00"
) -> Event:
    """One record, as S3 makes it."""
    content = {"key": key, "size": 1, "eTag": "e", "sequencer": sequencer}
    return {
        "eventSource": "aws:s3",
        "eventTime": "2024-05-01T12:00:00.000Z",
        "eventName": kind,
        "s3": {"bucket": {"name": "b"}, "object": content},
    }


def s3(*records: Event) -> Event:
    return {"Records": list(records or [record()])}


def bridge(key: str = "input/list ings+1.csv", kind: str = "Object Created") -> Event:
    """The same upload on EventBridge."""
    content = {"key": key, "size": 1, "etag": "e", "sequencer": "00"}
    return {
        "version": "0",
        "detail-type": kind,
        "source": "aws.s3",
        "time": "2024-05-01T12:00:00Z",
        "detail": {"bucket": {"name": "b"}, "object": content, "reason": "PutObject"},
    }


def sns(*messages: object) -> Event:
    """SNS as it invokes a function."""
    return {
        "Records": [
            {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": in_topic(message)}
            for message in messages
        ]
    }


def in_topic(message: object) -> Event:
    """SNS as it writes into a queue."""
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:::t", "Message": json.dumps(message)}


def sqs(*bodies: object) -> Event:
    """A batch of SQS with the ids m0, m1 and so on; a text is a body as it stands."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {
        "Records": [
            {"messageId": f"m{position}", "eventSource": "aws:sqs", "body": text}
            for position, text in enumerate(texts)
        ]
    }


def failed(answer: dict[str, list[Any]]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


@pytest.mark.parametrize(
    "event",
    [
        s3(),
        sns(s3()),
        sqs(s3()),
        sqs(in_topic(s3())),
        sqs(sqs(in_topic(s3()))),  # a queue of failed batches as a source
        bridge(),
        sns(bridge()),
        sqs(bridge()),
        sqs(in_topic(bridge())),
        sqs(s3())["Records"],  # EventBridge Pipes
        [bridge()],
        {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": s3()},
        sqs({"requestContext": {}, "requestPayload": sns(s3())}),
    ],
    ids=lambda event: json.dumps(event)[:60],
)
def test_one_upload_starts_one_execution_by_every_road(aws: FakeAws, context: Context, event: Any) -> None:
    answer = handler(event, context)
    (start,) = aws.starts
    assert start.document["key"] == "input/list ings+1.csv"
    # The same version is the same execution, whichever road its notification takes.
    assert answer["started"] == [handler(s3(), context)["duplicate"][0]] == list(aws.executions)
    assert answer.get("batchItemFailures", []) == []


def test_every_record_of_every_message_starts(aws: FakeAws, context: Context) -> None:
    one, two, three = (record(f"input/{name}.csv") for name in "abc")
    answer = handler(sqs(in_topic(s3(one, two)), s3(three), s3(one)), context)
    assert [start.document["dataset"] for start in aws.starts] == ["a", "b", "c"]
    assert answer["batchItemFailures"] == []


@pytest.mark.parametrize(
    "event",
    [
        sqs({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}),
        sns({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}),
        sqs(s3(record(kind="ObjectRemoved:Delete"))),
        sns(s3(record(kind="ObjectRestore:Completed"))),
        s3(record(kind="s3:LifecycleExpiration:Delete")),
        bridge(kind="Object Deleted"),
        sqs(bridge(kind="Object Tags Added")),
    ],
    ids=lambda event: json.dumps(event)[:60],
)
def test_what_is_known_to_be_no_upload_is_passed_over(aws: FakeAws, context: Context, event: Event) -> None:
    answer = handler(event, context)
    assert (answer["started"], answer.get("batchItemFailures", [])) == ([], [])
    assert aws.starts == []


NOT_JSON = "A message is not JSON"
UNKNOWN = "not an S3 notification, nor one wrapped by SNS, SQS or EventBridge"


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"key1": "value1"}, UNKNOWN),  # the console's own test event
        ({}, UNKNOWN),
        ({"Records": []}, UNKNOWN),
        ({"Records": {}}, UNKNOWN),
        ({"Records": [{"eventSource": "aws:kinesis", "kinesis": {}}]}, UNKNOWN),
        ({"source": "aws.ec2", "detail-type": "Object Created", "detail": {}}, UNKNOWN),
        (sns("hello"), "it is 'hello'"),
        (sqs("hello"), NOT_JSON),
        (sqs("[" * 100_000), NOT_JSON),  # deeper than Python's stack
        (sqs(in_topic(5)), "it is 5"),
        (
            sqs({"Type": "SubscriptionConfirmation", "TopicArn": "arn:t"}),
            "arn:t waits: open the SubscribeURL",
        ),
        (bridge(kind="AWS API Call via CloudTrail"), "of the kind 'AWS API Call via CloudTrail'"),
        (s3(record(kind="ObjectBorn:Put")), "of the kind 'ObjectBorn:Put'"),
        (s3({"s3": record()["s3"]}), "of the kind ''"),
        ({"source": "aws.s3", "detail-type": "Object Created", "detail": {}}, "cannot be read"),
        (bridge(key="input/\ud800.csv"), "cannot be read"),
        ({**bridge(), "detail": {"bucket": {"name": "b"}, "object": {"key": 7}}}, "cannot be read"),
        (s3({**record(), "eventTime": "0001-01-01T00:00:00+14:00"}), "cannot be read"),  # no such year in UTC
    ],
    ids=lambda given: json.dumps(given)[:60],
)
def test_what_may_be_an_upload_fails_so_that_it_is_kept(
    aws: FakeAws, context: Context, event: Event, says: str
) -> None:
    with pytest.raises(PipelineNotStartedError) as told:
        handler(event, context)
    assert says in str(told.value)
    assert ".." not in str(told.value)
    assert aws.starts == []


def test_wrapped_without_end(aws: FakeAws, context: Context) -> None:
    event: Event = s3()
    for _ in range(12):
        event = sqs(event)
    with pytest.raises(PipelineNotStartedError, match="wrapped more than 10 times"):
        handler(event, context)


def test_a_part_of_a_batch_that_fails_is_reported_item_by_item(
    aws: FakeAws, context: Context, log_lines: Log
) -> None:
    aws.faults_of["bad"] = DENIED
    good, bad = record("input/good.csv"), record("input/bad.csv")
    answer = handler(sqs(s3(good), "no JSON", s3(good, bad), in_topic(s3(good))), context)

    assert failed(answer) == ["m1", "m2"]
    assert [start.document["key"] for start in aws.executions.values()] == ["input/good.csv"]
    assert "2 of the event's uploads could not be started" in log_lines[-1]["message"]
    assert log_lines[-1]["level"] == "ERROR"

    aws.faults_of.clear()
    again = handler(sqs(s3(good, bad)), context)
    assert [len(again[name]) for name in ("started", "duplicate", "batchItemFailures")] == [1, 1, 0]


def test_an_upload_that_two_messages_tell_of_fails_for_both(aws: FakeAws, context: Context) -> None:
    aws.faults_of["bad"] = DENIED
    bad = record("input/bad.csv")
    assert failed(handler(sqs(s3(bad), s3(), s3(bad)), context)) == ["m0", "m2"]


def test_a_batch_that_fails_as_a_whole_is_an_error_of_the_function(aws: FakeAws, context: Context) -> None:
    aws.faults_of["ings"] = DENIED
    with pytest.raises(PipelineNotStartedError, match=r"^2 of the event's uploads could not be started"):
        handler(sqs(s3(), "no JSON"), context)


def test_what_there_is_no_time_for_goes_back_to_the_queue(aws: FakeAws) -> None:
    names: Callable[[str], Event] = lambda name: s3(record(f"input/{name}.csv"))  # noqa: E731
    late = Context(remaining=[60_000, 31_000, 29_000])
    answer = handler(sqs(names("a"), names("b"), names("c"), names("d")), late)
    assert failed(answer) == ["m2", "m3"]


def test_only_a_batch_of_sqs_is_reported_item_by_item(aws: FakeAws, context: Context) -> None:
    aws.faults_of["bad"] = DENIED
    with pytest.raises(PipelineNotStartedError):
        handler(sns(s3(record("input/bad.csv")), s3()), context)
    assert len(aws.executions) == 1
