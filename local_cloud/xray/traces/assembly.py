# SPDX-License-Identifier: Apache-2.0
"""From the documents that were sent to the documents that BatchGetTraces shows.

The service shows processed documents
(https://docs.aws.amazon.com/xray/latest/devguide/xray-api-gettingdata.html): a subsegment that was sent
alone is nested into the segment that it belongs to, and a call to a service that sends no segment of its
own gets an *inferred segment*, made from the caller's subsegment.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator

from local_cloud.xray.traces.documents import Document
from xray_common.walk import preorder

# Origins by the caller's name for the service, in lower case (the SDKs differ in case); any other service is
# named AWS::<name of the subsegment>.
_ORIGINS = {
    "dynamodb": "AWS::DynamoDB::Table",
    "s3": "AWS::S3",
    "sns": "AWS::SNS",
    "sqs": "AWS::SQS::Queue",
    "lambda": "AWS::Lambda",
    "events": "AWS::Events",
    "glue": "AWS::Glue",
    "states": "AWS::StepFunctions",
}
_COPIED = ("end_time", "in_progress", "http", "aws", "error", "throttle", "fault")
_ONLY_OUTSIDE = ("trace_id", "parent_id", "type")  # fields that a nested subsegment does not repeat


def assemble(documents: Iterable[Document]) -> list[Document]:
    """Return the segments of one trace: subsegments nested, inferred segments added, earliest first."""
    sent = [copy.deepcopy(document) for document in documents]
    whole = _nest(sent)
    return sorted([*whole, *_inferred(whole)], key=lambda segment: (segment["start_time"], segment["id"]))


def walk(entity: Document) -> Iterator[Document]:
    """Yield a segment and all subsegments below it."""
    return preorder(entity, lambda document: document.get("subsegments", ()))


def end_time(entity: Document) -> float:
    """Return the end of a segment or subsegment; its start while it is in progress."""
    return float(entity["end_time"] if "end_time" in entity else entity["start_time"])


def inferred_id(trace_id: str, subsegment_id: str) -> str:
    """Return the id of the segment that is inferred from a subsegment: the same at every read."""
    return hashlib.sha256(f"inferred/{trace_id}/{subsegment_id}".encode()).hexdigest()[:16]


def _nest(sent: list[Document]) -> list[Document]:
    hosts = {entity["id"]: entity for document in sent for entity in walk(document)}
    parents = {
        document["id"]: document["parent_id"] for document in sent if document.get("type") == "subsegment"
    }
    whole = []
    nested = []
    for document in sent:
        host = hosts.get(parents.get(document["id"], ""))
        if host is None or _leads_back(document, host):
            whole.append(document)  # a segment, or a subsegment whose parent has not arrived
        else:
            host.setdefault("subsegments", []).append(document)
            nested.append(document)
    for document in nested:
        for field in _ONLY_OUTSIDE:
            document.pop(field, None)
    for document in whole:
        for entity in walk(document):
            if "subsegments" in entity:
                entity["subsegments"].sort(key=lambda child: child["start_time"])
    return whole


def _leads_back(document: Document, host: Document) -> bool:
    return any(entity is host for entity in walk(document))


def _inferred(whole: list[Document]) -> Iterator[Document]:
    named = {segment.get("parent_id") for segment in whole}
    for segment in whole:
        for call in walk(segment):
            if call.get("namespace") not in ("aws", "remote"):
                continue
            identifier = inferred_id(segment["trace_id"], call["id"])
            if call["id"] not in named or identifier in named:
                yield _inferred_from(call, identifier, segment["trace_id"])


def _inferred_from(call: Document, identifier: str, trace_id: str) -> Document:
    inferred = {
        "id": identifier,
        "name": call["name"],
        "start_time": call["start_time"],
        "trace_id": trace_id,
        "parent_id": call["id"],
        "inferred": True,
    }
    inferred.update({field: copy.deepcopy(call[field]) for field in _COPIED if field in call})
    if call["namespace"] == "aws":
        inferred["origin"] = _ORIGINS.get(call["name"].lower(), f"AWS::{call['name']}")
    return inferred
