# SPDX-License-Identifier: Apache-2.0
"""The X-Ray trace header, ``Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1``."""

from __future__ import annotations

import re
from dataclasses import dataclass

TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")  # version, epoch second, 96 bits
SEGMENT_ID = re.compile(r"[0-9a-f]{16}")
DECISIONS = {"0": False, "1": True}


@dataclass(frozen=True, kw_only=True)
class TraceHeader:
    """A trace, the segment or subsegment to hang below, and whether the trace is recorded."""

    root: str
    parent: str
    sampled: bool

    @classmethod
    def parse(cls, text: str | None) -> TraceHeader | None:
        """Read a header; ``None`` unless it names a trace, a parent and a decision.

        Other fields (``Lineage``, ``Self``) are passed over.
        """
        fields = dict(part.strip().partition("=")[::2] for part in (text or "").split(";"))
        root, parent = fields.get("Root", ""), fields.get("Parent", "")
        sampled = DECISIONS.get(fields.get("Sampled", ""))
        if sampled is None or not TRACE_ID.fullmatch(root) or not SEGMENT_ID.fullmatch(parent):
            return None
        return cls(root=root, parent=parent, sampled=sampled)

    def __str__(self) -> str:
        """Write the header as HTTP and Step Functions take it (74 characters)."""
        return f"Root={self.root};Parent={self.parent};Sampled={int(self.sampled)}"
