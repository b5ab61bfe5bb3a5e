# SPDX-License-Identifier: Apache-2.0
"""Segment documents as PutTraceSegments takes them: what is valid, what is refused, with which error code.

The error codes ``MissingId``, ``InvalidName`` and ``InvalidSegment`` and their sentences are those that
users of the service reported (humanmade/aws-xray#29, aws/aws-xray-daemon#184, aws/aws-xray-sdk-python#309);
AWS publishes no list, the others are formed alike. The rules:
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from local_cloud.xray.ids import is_segment_id, is_trace_id

Document = dict[str, Any]

MAX_DOCUMENT_BYTES = 64 * 1024
MAX_NAME_CHARS = 200
_NAME = re.compile(r"[\w\s.:/%&#=+\\\-@]+")
_ANNOTATION_KEY = re.compile(r"[A-Za-z0-9_.:]{1,500}")
# What is not in the schema, the service removes.
_FIELDS = frozenset(
    [
        *(
            "id",
            "name",
            "start_time",
            "end_time",
            "in_progress",
            "trace_id",
            "parent_id",
            "type",
            "namespace",
        ),
        *("service", "user", "origin", "http", "aws", "error", "throttle", "fault", "cause", "annotations"),
        *("metadata", "subsegments", "inferred", "resource_arn", "links", "precursor_ids", "traced", "sql"),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Unprocessed:
    """A document that the service did not take.

    Attributes
    ----------
    code
        Error code, for example ``InvalidName``.
    message
        Why.
    id
        The segment's id, when it could be read.
    """

    code: str
    message: str
    id: str | None = None

    def to_api(self) -> dict[str, str]:
        """Return the entry of ``UnprocessedTraceSegments``."""
        entry = {"ErrorCode": self.code, "Message": self.message}
        return entry if self.id is None else {"Id": self.id, **entry}


class RejectedError(Exception):
    """A document is not a valid segment; ``reason`` says why."""

    def __init__(self, reason: Unprocessed) -> None:
        super().__init__(reason.message)
        self.reason = reason


def parse(text: str) -> list[Document]:
    """Return the segments or subsegments of one document (an array of subsegments counts as one document).

    Raises
    ------
    RejectedError
        The document is no JSON, too large, or breaks the schema.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        raise RejectedError(Unprocessed(code="JSONFormatError", message=f"Invalid JSON: {error}")) from None
    documents = content if isinstance(content, list) and content else [content]
    for document in documents:
        _check_document(document, oversized=len(text.encode()) > MAX_DOCUMENT_BYTES)
    return [_clean(document) for document in documents]


def _check_document(document: Any, *, oversized: bool) -> None:
    if not isinstance(document, dict) or "id" not in document:
        raise _rejected("MissingId", {}, "segment")
    kind = "subsegment" if document.get("type") == "subsegment" else "segment"
    if oversized:
        raise _rejected("InvalidSegment", document, kind, "the document is larger than 64 KB")
    if "trace_id" not in document:
        raise _rejected("MissingTraceId", document, kind)
    if not is_trace_id(document["trace_id"]):
        raise _rejected("InvalidTraceId", document, kind)
    if kind == "subsegment" and "parent_id" not in document:
        raise _rejected("MissingParentId", document, kind)
    if "parent_id" in document and not is_segment_id(document["parent_id"]):
        raise _rejected("InvalidParentId", document, kind)
    _check_entity(document, kind)


def _check_entity(entity: Any, kind: str) -> None:
    if not isinstance(entity, dict) or "id" not in entity:
        raise _rejected("MissingId", {}, kind)
    if not is_segment_id(entity["id"]):
        raise _rejected("InvalidId", entity, kind)
    name = entity.get("name")
    if name is None:
        raise _rejected("MissingName", entity, kind)
    if not isinstance(name, str) or len(name) > MAX_NAME_CHARS or not _NAME.fullmatch(name):
        raise _rejected("InvalidName", entity, kind)
    _check_times(entity, kind)
    for child in entity.get("subsegments") or []:
        _check_entity(child, "subsegment")


def _check_times(entity: Document, kind: str) -> None:
    start, end = entity.get("start_time"), entity.get("end_time")
    if start is None:
        raise _rejected("MissingStartTime", entity, kind)
    if not _is_time(start):
        raise _rejected("InvalidStartTime", entity, kind)
    if end is None and entity.get("in_progress") is not True:
        raise _rejected("MissingEndTime", entity, kind)
    if end is not None and (not _is_time(end) or end < start):
        raise _rejected("InvalidEndTime", entity, kind)


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _rejected(code: str, entity: Document, kind: str, cause: str = "null") -> RejectedError:
    identifier = entity.get("id")
    return RejectedError(
        Unprocessed(
            code=code,
            message=f"Invalid {kind}. ErrorCode: {code}, Cause: {cause}",
            id=identifier if isinstance(identifier, str) else None,
        )
    )


def _clean(entity: Document) -> Document:
    kept = {key: value for key, value in entity.items() if key in _FIELDS and value is not None}
    if kept.get("end_time") is not None:
        kept.pop("in_progress", None)
    if isinstance(kept.get("annotations"), dict):
        kept["annotations"] = {
            key: value
            for key, value in kept["annotations"].items()
            if _ANNOTATION_KEY.fullmatch(key) and isinstance(value, (str, int, float, bool))
        }
    if kept.get("subsegments"):
        kept["subsegments"] = [_clean(child) for child in kept["subsegments"]]
    return kept
