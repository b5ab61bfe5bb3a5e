# SPDX-License-Identifier: Apache-2.0
"""Small documents for tests."""

from __future__ import annotations

import json
from typing import Any

TRACE = "1-6920f3a1-0a1b2c3d4e5f60718293a4b5"
OTHER_TRACE = "1-6920f3a2-0a1b2c3d4e5f60718293a4b5"


def segment(identifier: str = "00000000000000a1", **fields: Any) -> dict[str, Any]:
    """A complete segment of two seconds."""
    return {
        "id": identifier,
        "name": "service",
        "trace_id": TRACE,
        "start_time": 1000.0,
        "end_time": 1002.0,
        **fields,
    }


def subsegment(identifier: str, parent: str, **fields: Any) -> dict[str, Any]:
    """A subsegment that is sent alone."""
    return segment(identifier, type="subsegment", parent_id=parent, **fields)


def texts(*documents: Any) -> list[str]:
    return [json.dumps(document) for document in documents]
