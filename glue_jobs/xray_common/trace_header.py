# SPDX-License-Identifier: Apache-2.0
"""The X-Ray trace header: ``Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1``.

Source: AWS X-Ray developer guide, "Concepts", "Tracing header".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xray_common.ids import is_span_id, is_trace_id

# Step Functions' traceHeader takes 256 characters. Load balancers and custom data make longer ones: what is
# needed is read from those too; past this length nothing sensible can follow.
MAX_READ_CHARACTERS: Final = 8192


_DECISIONS: Final = {"0": False, "1": True}


@dataclass(frozen=True)
class TraceHeader:
    """Which trace to join, below which segment, and whether it is recorded at all.

    Parameters
    ----------
    trace_id
        X-Ray trace id, ``1-<8 hex>-<24 hex>``.
    parent_id
        Segment id of the caller, 16 hex digits; None joins the trace without a parent.
    sampled
        The caller's decision; None when it carried none (``?`` or absent).
    """

    trace_id: str
    parent_id: str | None = None
    sampled: bool | None = None

    @property
    def is_recorded(self) -> bool:
        """Return whether to record: without a decision, too, because tracing is on until a caller objects."""
        return self.sampled is not False

    def __str__(self) -> str:
        """Write the header, in at most 71 characters.

        Examples
        --------
        >>> str(TraceHeader(trace_id="1-5759e988-bd862e3fe1be46a994272793", sampled=False))
        'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0'
        """
        parent = [f"Parent={self.parent_id}"] if self.parent_id else []
        decision = [] if self.sampled is None else [f"Sampled={int(self.sampled)}"]
        return ";".join([f"Root={self.trace_id}", *parent, *decision])


def parse_trace_header(header: str | None) -> TraceHeader | None:
    """Read a trace header; never raises.

    Keys match without regard to case, unknown keys (``Self``, ``Lineage``, own data) are passed over,
    a parent that is no segment id counts as absent.

    Returns
    -------
    TraceHeader or None
        None when there is no valid ``Root``.

    Examples
    --------
    >>> parse_trace_header("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8").parent_id
    '53995c3f42cd8ad8'
    >>> parse_trace_header("Root=nonsense") is None
    True
    """
    pairs = (part.partition("=") for part in (header or "")[:MAX_READ_CHARACTERS].split(";"))
    fields = {key.strip().lower(): value.strip() for key, _, value in pairs}
    trace_id, parent_id = fields.get("root", "").lower(), fields.get("parent", "").lower()
    if not is_trace_id(trace_id):
        return None
    return TraceHeader(
        trace_id=trace_id,
        parent_id=parent_id if is_span_id(parent_id) else None,
        sampled=_DECISIONS.get(fields.get("sampled", "")),
    )
