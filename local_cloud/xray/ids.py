# SPDX-License-Identifier: Apache-2.0
"""Identifiers of traces and segments, and the trace header that carries them from one service to the next."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass

_TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_SEGMENT_ID = re.compile(r"[0-9a-f]{16}")


def new_trace_id() -> str:
    """Return a trace id of now, such as ``1-6920f3a1-0a1b2c3d4e5f60718293a4b5``."""
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def new_segment_id() -> str:
    """Return a random id of 16 hexadecimal digits."""
    return secrets.token_hex(8)


def derived_id(*parts: str) -> str:
    """Return the 16 hexadecimal digits that always belong to these parts."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]


def is_trace_id(value: object) -> bool:
    """Tell whether a value is a trace id in X-Ray's format."""
    return isinstance(value, str) and _TRACE_ID.fullmatch(value) is not None


def is_segment_id(value: object) -> bool:
    """Tell whether a value is the id of a segment or subsegment."""
    return isinstance(value, str) and _SEGMENT_ID.fullmatch(value) is not None


@dataclass(frozen=True, kw_only=True)
class TraceHeader:
    """The content of ``X-Amzn-Trace-Id``.

    Attributes
    ----------
    root
        Trace id.
    parent
        Segment or subsegment that made the call; None when the caller named none.
    sampled
        The caller's decision; None when the callee has to decide.
    """

    root: str
    parent: str | None = None
    sampled: bool | None = None

    @classmethod
    def parse(cls, text: str | None) -> TraceHeader | None:
        """Read a header; None when it is missing or names no valid trace.

        Examples
        --------
        >>> TraceHeader.parse("Root=1-6920f3a1-0a1b2c3d4e5f60718293a4b5;Sampled=1").sampled
        True
        """
        fields = dict(part.strip().split("=", 1) for part in (text or "").split(";") if "=" in part)
        root, parent = fields.get("Root"), fields.get("Parent")
        if not is_trace_id(root):
            return None
        return cls(
            root=str(root),
            parent=parent if is_segment_id(parent) else None,
            sampled={"1": True, "0": False}.get(fields.get("Sampled", "")),
        )

    def __str__(self) -> str:
        parts = [f"Root={self.root}"]
        if self.parent:
            parts.append(f"Parent={self.parent}")
        if self.sampled is not None:
            parts.append(f"Sampled={int(self.sampled)}")
        return ";".join(parts)
