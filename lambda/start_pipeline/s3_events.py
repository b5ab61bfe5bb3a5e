# SPDX-License-Identifier: Apache-2.0
"""Read S3 notification events, as S3 hands them to Lambda (event structure 2.x)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote_plus

TEST_EVENT = "s3:TestEvent"  # S3 sends one when a notification is configured; it has no records
CREATED = "ObjectCreated:"  # Put, Post, Copy and CompleteMultipartUpload follow the colon
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


def records_of(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the records of an S3 event; none for ``s3:TestEvent``.

    Raises
    ------
    EventError
        When the event is not one of S3: a wrong trigger must not pass for an empty upload.
    """
    if event.get("Event") == TEST_EVENT:
        return []
    records = event.get("Records")
    if not isinstance(records, list):
        raise EventError(
            f"The event is not an S3 notification: it has the keys {sorted(event)}, not Records."
        )
    return records


def is_creation(record: Mapping[str, Any]) -> bool:
    """Return whether a record is about a new object version (and not of a removal, a restore, a tag)."""
    return str(record.get("eventName", "")).removeprefix("s3:").startswith(CREATED)


def object_version(record: Mapping[str, Any]) -> ObjectVersion:
    """Read one record.

    S3 encodes the key like an HTML form: a blank is ``+``, what is not plain ASCII is ``%XX`` of its UTF-8.
    See "Event message structure" in the Amazon S3 user guide.

    Examples
    --------
    ``{"key": "input/My+Data%2B1.csv"}`` names the object ``input/My Data+1.csv``.

    Raises
    ------
    EventError
        When a part is missing or malformed.
    """
    try:
        s3 = record["s3"]
        version = s3["object"].get("versionId")
        return ObjectVersion(
            bucket=s3["bucket"]["name"],
            key=unquote_plus(s3["object"]["key"], errors="strict"),
            version_id=None if version in UNVERSIONED else version,
            etag=s3["object"].get("eTag", ""),
            sequencer=s3["object"].get("sequencer", ""),
            event_time=datetime.fromisoformat(record["eventTime"]).astimezone(UTC),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise EventError(
            f"A record of the S3 event cannot be read: {error!r}; "
            "S3 records have eventTime, s3.bucket.name and s3.object.key."
        ) from error
