# SPDX-License-Identifier: Apache-2.0
"""Take S3 notifications out of what carried them to the function, whatever that was, and however deep.

Sources: "Using Lambda with Amazon SQS", "Using Lambda with Amazon SNS" and "Capturing records of asynchronous
invocations" (AWS Lambda developer guide); "Amazon SNS raw message delivery" and "Parsing message formats"
(Amazon SNS developer guide); "Amazon EventBridge Pipes targets" (a batch is a list, without ``Records``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from start_pipeline.event_kinds import EventError, is_notification

DEEPEST: Final = 10  # wrappings; people use two


class Message(NamedTuple):
    """A part of an event that is tried again as a whole; ``id`` is SQS's, None in every other event."""

    id: str | None
    content: object


def messages_of(event: object) -> list[Message]:
    """Return the messages of an SQS batch; for any other event one, the event itself."""
    records = event.get("Records") if isinstance(event, Mapping) else event  # a list: EventBridge Pipes
    if isinstance(records, list) and records and all(_message_id(record) for record in records):
        return [Message(_message_id(record), record) for record in records]
    return [Message(None, event)]


def _message_id(record: object) -> str | None:
    match record:
        case {"eventSource": "aws:sqs", "messageId": str(id_)} if id_:
            return id_
    return None


def notifications(
    event: object, failures: list[EventError], *, depth: int = DEEPEST
) -> Iterator[Mapping[str, Any]]:
    """Yield each S3 record and each event of EventBridge; add to ``failures`` what can be neither."""
    try:
        inner = _open(event, depth)
    except EventError as error:
        failures.append(error)
        return
    if inner is None and isinstance(event, Mapping):
        yield event
    for one in inner or ():
        yield from notifications(one, failures, depth=depth - 1)


def _open(event: object, depth: int) -> Sequence[object] | None:
    """Return what a wrapping holds; None for a notification, which is no wrapping.

    Raises
    ------
    EventError
        When it is neither: a wrong trigger must not pass for an empty upload.
    """
    if not depth:
        raise EventError(f"A notification is wrapped more than {DEEPEST} times")
    match event:
        case {"Event": "s3:TestEvent"}:
            return ()
        case {"Records": [_, *_] as records} | ([_, *_] as records):
            return records
        case (
            {"eventSource": "aws:sqs", "body": str(text)}
            | {"EventSource": "aws:sns", "Sns": {"Message": str(text)}}
            | {"Type": "Notification", "Message": str(text)}  # SNS in SQS
        ):
            return [_json(text)]
        case {"requestContext": _, "requestPayload": payload}:  # a destination of failed invocations
            return [payload]
        case {"Type": "SubscriptionConfirmation", "TopicArn": topic}:
            raise EventError(f"The subscription to {topic} waits: open the SubscribeURL of this message")
    if isinstance(event, Mapping) and is_notification(event):
        return None
    shape = (
        f"it has the keys {sorted(map(str, event))}"
        if isinstance(event, Mapping)
        else f"it is {event!r:.100}"
    )
    raise EventError(
        f"The event is not an S3 notification, nor one wrapped by SNS, SQS or EventBridge: {shape}"
    )


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EventError(f"A message is not JSON ({error!r}): {text!r:.100}") from error
