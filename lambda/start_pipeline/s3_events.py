# SPDX-License-Identifier: Apache-2.0
"""Read S3 notifications: records as S3 makes them (event structure 2.x), and EventBridge's form of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from start_pipeline.event_kinds import EventError, is_on_bridge
from start_pipeline.object_version import ObjectVersion

UNVERSIONED = (None, "", "null")  # what stands for "no version": absent, or "null" in a suspended bucket


def object_version(notification: Mapping[str, Any]) -> ObjectVersion:
    """Read one record, or one event of EventBridge.

    In a record S3 encodes the key like an HTML form: a blank is ``+``, what is not plain ASCII is ``%XX`` of
    its UTF-8. On EventBridge it stands as it is. See "Event message structure" and "EventBridge event message
    structure" in the Amazon S3 user guide.

    Examples
    --------
    ``{"key": "input/My+Data%2B1.csv"}`` in a record names the object ``input/My Data+1.csv``.

    Raises
    ------
    EventError
        When a part is missing or malformed.
    """
    try:
        found = _from_bridge(notification) if is_on_bridge(notification) else _from_record(notification)
        found.uri.encode()  # half of a surrogate pair is no character, and no key of S3
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise EventError(
            f"A record of the S3 event cannot be read: {error!r}; S3 records have eventTime, s3.bucket.name "
            "and s3.object.key, events of EventBridge time, detail.bucket.name and detail.object.key"
        ) from error
    return found


def _from_record(record: Mapping[str, Any]) -> ObjectVersion:
    s3 = record["s3"]
    return ObjectVersion(
        bucket=s3["bucket"]["name"],
        key=unquote_plus(s3["object"]["key"], errors="strict"),
        version_id=_version(s3["object"].get("versionId")),
        etag=s3["object"].get("eTag", ""),
        sequencer=s3["object"].get("sequencer", ""),
        event_time=_moment(record["eventTime"]),
    )


def _from_bridge(event: Mapping[str, Any]) -> ObjectVersion:
    bucket, found = event["detail"]["bucket"]["name"], event["detail"]["object"]
    if not isinstance(found["key"], str):
        raise TypeError(found["key"])
    return ObjectVersion(
        bucket=bucket,
        key=found["key"],
        version_id=_version(found.get("version-id")),
        etag=found.get("etag", ""),
        sequencer=found.get("sequencer", ""),
        event_time=_moment(event["time"]),
    )


def _version(given: str | None) -> str | None:
    return None if given in UNVERSIONED else given


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
