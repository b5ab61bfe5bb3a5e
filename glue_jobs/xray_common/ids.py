# SPDX-License-Identifier: Apache-2.0
"""X-Ray ids and W3C (OpenTelemetry) ids are the same bits in another spelling.

X-Ray writes a trace id as ``1-<8 hex: epoch seconds>-<24 hex>``, W3C as 32 hex digits; a segment id and a
span id are both 16 hex digits. Source: AWS X-Ray developer guide, "Segment documents", field ``trace_id``.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Final

_XRAY_TRACE_ID: Final = re.compile(r"1-([0-9a-f]{8})-([0-9a-f]{24})", re.IGNORECASE)
_SPAN_ID: Final = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)
_RANDOM_PART_BYTES: Final = 12


def is_trace_id(text: str) -> bool:
    """Return whether ``text`` is an X-Ray trace id that is not all zeros."""
    match = _XRAY_TRACE_ID.fullmatch(text)
    return match is not None and int(match[1] + match[2], 16) != 0


def is_span_id(text: str) -> bool:
    """Return whether ``text`` is a segment id (16 hex digits, not all zeros)."""
    return _SPAN_ID.fullmatch(text) is not None and int(text, 16) != 0


def trace_id_to_int(xray_trace_id: str) -> int:
    """Turn an X-Ray trace id into OpenTelemetry's 128-bit number.

    Raises
    ------
    ValueError
        If the text is not an X-Ray trace id.

    Examples
    --------
    >>> hex(trace_id_to_int("1-5759e988-bd862e3fe1be46a994272793"))
    '0x5759e988bd862e3fe1be46a994272793'
    """
    match = _XRAY_TRACE_ID.fullmatch(xray_trace_id)
    if match is None:
        raise ValueError(f"{xray_trace_id!r} is not an X-Ray trace id; expected 1-<8 hex>-<24 hex>.")
    return int(match[1] + match[2], 16)


def trace_id_from_int(trace_id: int) -> str:
    """Spell OpenTelemetry's 128-bit trace id as X-Ray does.

    Examples
    --------
    >>> trace_id_from_int(0x5759E988BD862E3FE1BE46A994272793)
    '1-5759e988-bd862e3fe1be46a994272793'
    """
    digits = f"{trace_id:032x}"
    return f"1-{digits[:8]}-{digits[8:]}"


def span_id_from_int(span_id: int) -> str:
    """Spell OpenTelemetry's 64-bit span id as X-Ray does: 16 hex digits.

    Examples
    --------
    >>> span_id_from_int(255)
    '00000000000000ff'
    """
    return f"{span_id:016x}"


def new_trace_id() -> int:
    """Make the id of a new trace; its first 32 bits are the time, as X-Ray wants it."""
    return int(time.time()) << (8 * _RANDOM_PART_BYTES) | secrets.randbits(8 * _RANDOM_PART_BYTES)


def trace_id_from_digest(epoch_s: float, digest: str) -> str:
    """Make the trace id of what began at a time, out of its digest: who knows both makes the same id.

    Examples
    --------
    >>> trace_id_from_digest(1465510280.5, "bd862e3fe1be46a9942727933fa1c0de")
    '1-5759e988-bd862e3fe1be46a994272793'
    """
    return f"1-{int(epoch_s):08x}-{digest[: 2 * _RANDOM_PART_BYTES]}"


def trace_start_epoch_s(xray_trace_id: str) -> int:
    """Read when a trace was started, in epoch seconds, from its id.

    Examples
    --------
    >>> trace_start_epoch_s("1-5759e988-bd862e3fe1be46a994272793")
    1465510280
    """
    return trace_id_to_int(xray_trace_id) >> (8 * _RANDOM_PART_BYTES)
