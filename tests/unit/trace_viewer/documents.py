# SPDX-License-Identifier: Apache-2.0
"""Segment documents for the tests, short to write."""

from __future__ import annotations

import json
from typing import Any

from trace_viewer import Trace

TRACE_ID = "1-69202261-0123456789abcdef01234567"


def doc(
    name: str, start: float, end: float | None, parent: str | None = None, **fields: Any
) -> dict[str, Any]:
    """Return a segment whose id is its name, as far as names go; end None: in progress."""
    times = {"start_time": start} | ({"in_progress": True} if end is None else {"end_time": end})
    above = {"parent_id": parent} if parent else {}
    return {"id": fields.pop("id", name), "name": name, "trace_id": TRACE_ID, **times, **above, **fields}


def relay(count: int) -> list[dict[str, Any]]:
    """Return segments that start one another, each after its caller ended, in a root that waits for all."""
    return [
        doc("s0", 0, 9 * count),
        *(doc(f"s{n}", 2 * n, 2 * n + 1, f"s{n - 1}", annotations={"hop": n}) for n in range(1, count)),
    ]


def fails(kind: str, message: str) -> dict[str, Any]:
    """Return the fields of a failed document."""
    exception = {"id": f"e-{message}", "type": kind, "message": message}
    return {"fault": True, "cause": {"exceptions": [exception]}}


def as_trace(*documents: dict[str, Any]) -> Trace:
    """Return a trace as X-Ray would hand it out."""
    return Trace(TRACE_ID, tuple((str(item.get("id")), json.dumps(item)) for item in documents), 1.0)
