# SPDX-License-Identifier: Apache-2.0
"""Identifiers of traces and segments.

What the API takes is its own rule: a reader of headers is lenient with case and knows ids that mean "none";
the API takes lower case alone.
"""

from __future__ import annotations

import re
import secrets

from xray_common import ids

_TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_SEGMENT_ID = re.compile(r"[0-9a-f]{16}")


def new_trace_id() -> str:
    """Return a trace id of now, such as ``1-6920f3a1-0a1b2c3d4e5f60718293a4b5``."""
    return ids.trace_id_from_int(ids.new_trace_id())


def new_segment_id() -> str:
    """Return a random id of 16 hexadecimal digits."""
    return secrets.token_hex(8)


def is_trace_id(value: object) -> bool:
    """Return whether the API takes a value as a trace id."""
    return isinstance(value, str) and _TRACE_ID.fullmatch(value) is not None


def is_segment_id(value: object) -> bool:
    """Return whether the API takes a value as the id of a segment or subsegment."""
    return isinstance(value, str) and _SEGMENT_ID.fullmatch(value) is not None
