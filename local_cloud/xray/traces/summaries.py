# SPDX-License-Identifier: Apache-2.0
"""Trace summaries, as GetTraceSummaries shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local_cloud.xray.traces.assembly import walk
from local_cloud.xray.traces.documents import Document
from local_cloud.xray.traces.store import Trace

MAX_ANNOTATIONS = 50  # indexed per trace, https://docs.aws.amazon.com/general/latest/gr/xray.html


def service_type(segment: Document) -> str | None:
    """Return a segment's type on the map: its origin, or ``remote`` for an inferred call out of AWS."""
    if "origin" in segment:
        return str(segment["origin"])
    return "remote" if segment.get("inferred") else None


def service_id(segment: Document) -> dict[str, Any]:
    """Return the service that a segment stands for."""
    service: dict[str, Any] = {"Name": segment["name"], "Names": [segment["name"]]}
    if (kind := service_type(segment)) is not None:
        service["Type"] = kind
    if account := (segment.get("aws") or {}).get("account_id"):
        service["AccountId"] = account
    return service


def roots(trace: Trace) -> list[Document]:
    """Return the segments whose parent is not part of the trace; the first one where all have a parent."""
    ids = {entity["id"] for segment in trace.segments for entity in walk(segment)}
    return [segment for segment in trace.segments if segment.get("parent_id") not in ids] or trace.segments[
        :1
    ]


def indexed_annotations(trace: Trace) -> Iterator[tuple[str, Any, Document]]:
    """Yield (key, value, segment) of the annotations that are indexed."""
    found = (
        (key, value, segment)
        for segment in trace.segments
        for entity in walk(segment)
        for key, value in (entity.get("annotations") or {}).items()
    )
    for _, annotation in zip(range(MAX_ANNOTATIONS), found, strict=False):
        yield annotation


def summary(trace: Trace) -> dict[str, Any]:
    """Return the summary of a trace."""
    entry = roots(trace)[0]
    ended = entry.get("end_time")
    return {
        "Id": trace.id,
        "StartTime": trace.start,
        "Duration": trace.duration,
        "ResponseTime": round(ended - entry["start_time"], 3) if ended else trace.duration,
        "HasFault": any(segment.get("fault") for segment in trace.segments),
        "HasError": any(segment.get("error") for segment in trace.segments),
        "HasThrottle": any(segment.get("throttle") for segment in trace.segments),
        "IsPartial": any(segment.get("in_progress") for segment in trace.segments),
        "Http": _http(entry),
        "Annotations": _annotations(trace),
        "Users": [],
        "ServiceIds": _unique(service_id(segment) for segment in trace.segments),
        "ResourceARNs": _unique({"ARN": s["resource_arn"]} for s in trace.segments if "resource_arn" in s),
        "InstanceIds": [],
        "AvailabilityZones": [],
        "EntryPoint": service_id(entry),
        "FaultRootCauses": [],
        "ErrorRootCauses": [],
        "ResponseTimeRootCauses": [],
        "Revision": 1,
        "MatchedEventTime": trace.start,
    }


def _http(entry: Document) -> dict[str, Any]:
    request, response = (
        (entry.get("http") or {}).get("request") or {},
        (entry.get("http") or {}).get("response") or {},
    )
    fields = {
        "HttpURL": request.get("url"),
        "HttpStatus": response.get("status"),
        "HttpMethod": request.get("method"),
        "UserAgent": request.get("user_agent"),
        "ClientIp": request.get("client_ip"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _annotations(trace: Trace) -> dict[str, list[dict[str, Any]]]:
    merged: dict[str, list[dict[str, Any]]] = {}
    for key, value, segment in indexed_annotations(trace):
        entries = merged.setdefault(key, [])
        typed = _typed(value)
        known = next((entry for entry in entries if entry["AnnotationValue"] == typed), None)
        if known is None:
            known = {"AnnotationValue": typed, "ServiceIds": []}
            entries.append(known)
        if service_id(segment) not in known["ServiceIds"]:
            known["ServiceIds"].append(service_id(segment))
    return merged


def _typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BooleanValue": value}
    if isinstance(value, (int, float)):
        return {"NumberValue": value}
    return {"StringValue": value}


def _unique(values: Any) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept
