# SPDX-License-Identifier: Apache-2.0
"""Decide which trace an upload belongs to, before anything is sent anywhere.

One trace per object version. The first upload of an event joins the trace that Lambda itself records, if it
does record one. Every other upload gets a trace of its own, made from the object version alone. So a retry of
the event, which finds the uploads in the same places, continues the same traces: Lambda's by Lambda, whose
retries are attempts within one trace, and ours by their ids. A delivery that finds the execution there
already adds no trace of its own: see `tracing`.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

from start_pipeline.object_version import ObjectVersion
from xray_common.ids import trace_id_from_digest
from xray_common.trace_header import TraceHeader, parse_trace_header

DIGEST_VALUES = 16**16  # of the 16 hexadecimal digits that decide on sampling


@dataclass(frozen=True, kw_only=True)
class TracePlan:
    """Where the StartExecution subsegment goes.

    Attributes
    ----------
    header
        What Step Functions and the jobs are handed; its parent is the subsegment's id.
    segment_id
        The segment above the subsegment.
    owns_root
        Whether that segment is ours to send; else it is Lambda's.
    """

    header: TraceHeader
    segment_id: str
    owns_root: bool


def invocation_trace(text: str | None) -> TraceHeader | None:
    """Read the header that Lambda gives an invocation; None unless it names a segment and a decision, too."""
    header = parse_trace_header(text)
    return header if header and header.parent_id and header.sampled is not None else None


def plan_trace(upload: ObjectVersion, *, join: TraceHeader | None, rate: float) -> TracePlan:
    """Choose the trace of an upload.

    Parameters
    ----------
    upload
        The object version.
    join
        The trace of this invocation, when this upload may join it.
    rate
        The share of uploads to trace, 0 to 1. The choice depends on the object version alone.
    """
    sampled = is_sampled(upload, rate)
    subsegment_id = secrets.token_hex(8)  # another one per attempt: two attempts are two calls
    if sampled and join is not None and join.sampled and join.parent_id:
        header = TraceHeader(join.trace_id, parent_id=subsegment_id, sampled=True)
        return TracePlan(header=header, segment_id=join.parent_id, owns_root=False)
    header = TraceHeader(own_trace_id(upload), parent_id=subsegment_id, sampled=sampled)
    return TracePlan(header=header, segment_id=upload.digest[48:64], owns_root=True)


def own_trace_id(upload: ObjectVersion) -> str:
    """Return the trace id of an upload that joins no other trace: its event time and a part of its digest."""
    return trace_id_from_digest(upload.event_time.timestamp(), upload.digest[24:48])


def is_sampled(upload: ObjectVersion, rate: float) -> bool:
    """Return whether an upload is traced at this rate; what is traced at one rate is at all higher ones."""
    return int(upload.digest[24:40], 16) < rate * DIGEST_VALUES


def sampling_rate(text: str | None) -> float:
    """Read TRACE_SAMPLING_RATE. What is not a number traces everything: a typo must not hide uploads."""
    try:
        rate = float(text) if text is not None else 1.0
    except ValueError:
        return 1.0
    return 1.0 if math.isnan(rate) else min(max(rate, 0.0), 1.0)
