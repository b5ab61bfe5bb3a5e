# SPDX-License-Identifier: Apache-2.0
"""Read S3 notifications: records as S3 makes them (event structure 2.x), and EventBridge's form of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote_plus

CREATED = "ObjectCreated:"  # Put, Post, Copy and CompleteMultipartUpload follow the colon
CREATED_ON_BRIDGE = "Object Created"
# "Supported event types for SQS, SNS, and Lambda" and "Using EventBridge", Amazon S3 user guide
NO_UPLOAD = (
    "IntelligentTiering", "LifecycleExpiration:", "LifecycleTransition", "ObjectAcl:", "ObjectAnnotation:",
    "ObjectRemoved:", "ObjectRestore:", "ObjectTagging:", "ReducedRedundancyLostObject", "Replication:",
)  # fmt: skip
NO_UPLOAD_ON_BRIDGE = (
    "Object ACL Updated", "Object Access Tier Changed", "Object Deleted", "Object Restore Completed",
    "Object Restore Expired", "Object Restore Initiated", "Object Storage Class Changed",
    "Object Tags Added", "Object Tags Deleted",
)  # fmt: skip
UNVERSIONED = (None, "", "null")  # what stands for "no version": absent, or "null" in a suspended bucket


class EventError(ValueError):
    """An event, or a record of one, that S3 would not send: it cannot name an object."""


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """One version of one object, as one notification names it.

    Attributes
    ----------
    bucket, key
        Where the object is. The key is decoded: what a caller of GetObject would pass.
    version_id
        ``None`` when the bucket is not versioned.
    etag
        Hash of the content as S3 reports it, without quotes.
    sequencer
        Hexadecimal; grows with each change of the same key, and is the same in a second delivery.
    event_time
        When S3 finished the request, UTC.
    """

    bucket: str
    key: str
    version_id: str | None
    etag: str
    sequencer: str
    event_time: datetime

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits that are the same for every delivery of this version, and for no other.

        A JSON array keeps the parts apart: no two lists of parts give the same text.
        """
        content = ["etag", self.etag] if self.version_id is None else ["version", self.version_id]
        parts = json.dumps([self.bucket, self.key, *content, self.sequencer])
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def uri(self) -> str:
        """The object for people: ``s3://bucket/key``, nothing encoded."""
        return f"s3://{self.bucket}/{self.key}"


def is_notification(event: Mapping[str, Any]) -> bool:
    """Return whether this is one record of S3, or one of its events on EventBridge."""
    return "s3" in event or event.get("eventSource") == "aws:s3" or event.get("source") == "aws.s3"


def is_creation(notification: Mapping[str, Any]) -> bool:
    """Return whether a notification is about a new object version.

    Raises
    ------
    EventError
        When it is not known to be of another kind, such as a removal, a restore or a tag: an upload under a
        name that is new to us must not be passed over.
    """
    kind, on_bridge = _kind(notification), _is_on_bridge(notification)
    if kind == CREATED_ON_BRIDGE if on_bridge else kind.startswith(CREATED):
        return True
    if kind in NO_UPLOAD_ON_BRIDGE if on_bridge else kind.startswith(NO_UPLOAD):
        return False
    raise EventError(f"A notification is of the kind {kind!r}, of which nobody knows whether it is an upload")


def _is_on_bridge(notification: Mapping[str, Any]) -> bool:
    return "detail-type" in notification


def _kind(notification: Mapping[str, Any]) -> str:
    name = "detail-type" if _is_on_bridge(notification) else "eventName"
    return str(notification.get(name, "")).removeprefix("s3:")


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
        found = _from_bridge(notification) if _is_on_bridge(notification) else _from_record(notification)
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
