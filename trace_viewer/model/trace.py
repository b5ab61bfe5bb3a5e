# SPDX-License-Identifier: Apache-2.0
"""A trace as X-Ray returns it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trace_viewer.model.cost import RunCost, run_cost
from trace_viewer.model.findings import Findings, find_findings
from trace_viewer.model.json_text import parse
from trace_viewer.model.tree import EmptyTraceError, Tree, build
from xray_common.scrubbing import plainly_clean, scrub, scrub_document


@dataclass(frozen=True)
class Trace:
    """One trace: its id, and its documents as BatchGetTraces returned them.

    Parameters
    ----------
    id
        X-Ray trace id, `1-<8 hex>-<24 hex>`.
    segments
        Pairs (id, document), a document being JSON text.
    duration
        Seconds, as X-Ray says; None: as the documents say.
    limit_exceeded
        X-Ray dropped documents because the trace was too large.
    notes
        Sentences about the file that it came from.
    fetched
        Epoch seconds at which X-Ray was asked; None for a file.

    job_runs
        What Glue says of the jobs' runs, by the run's id; filled by whoever asks it.

    Secrets, such as passwords in a URL, are hidden in whatever is shown or written.
    """

    id: str
    segments: tuple[tuple[str, str], ...]
    duration: float | None = None
    limit_exceeded: bool = False
    notes: tuple[str, ...] = ()
    fetched: float | None = None
    job_runs: dict[str, Mapping[str, Any]] = field(default_factory=dict, compare=False)

    @cached_property
    def _documents(self) -> list[tuple[str, str, dict[str, Any] | None]]:
        """The documents without their secrets: (id, text, object); the object is None where there is none."""
        known_clean = plainly_clean([text for _, text in self.segments])
        return [
            (segment_id, *_scrubbed(text, is_clean))
            for (segment_id, text), is_clean in zip(self.segments, known_clean, strict=True)
        ]

    @cached_property
    def tree(self) -> Tree:
        """The trace as a tree; raises `EmptyTraceError` when no document can be shown."""
        found = (document for _, _, document in self._documents if document is not None)
        tree = build(found, self.fetched)
        broken = [
            f"Document {segment_id} is not a JSON object and is ignored."
            for segment_id, _, document in self._documents
            if document is None
        ]
        tree.problems[:0] = [*self.notes, *broken]
        if self.limit_exceeded:
            tree.problems.insert(0, "X-Ray dropped documents: the trace exceeds its size limit.")
        return tree

    @cached_property
    def cost(self) -> RunCost | None:
        """What the run cost; None where that is not known."""
        return run_cost(self.tree, self.job_runs)

    @cached_property
    def findings(self) -> Findings:
        """What made the run slow or lossy; raises `EmptyTraceError` when no document can be shown."""
        cost = self.cost
        return find_findings(
            self.tree, price=lambda span, seconds: cost.part_usd(span.segment.id, seconds) if cost else None
        )

    def to_json(self) -> dict[str, Any]:
        """Return the trace as BatchGetTraces does: `{"Id", "Duration", "Segments": [{"Id", "Document"}]}`.

        `LimitExceeded` is there only when true, so that an ordinary trace has exactly these keys.
        """
        shape: dict[str, Any] = {
            "Id": self.id,
            "Duration": self._seconds(),
            "Segments": [{"Id": segment_id, "Document": text} for segment_id, text, _ in self._documents],
        }
        return shape | ({"LimitExceeded": True} if self.limit_exceeded else {})

    def _seconds(self) -> float:
        if self.duration is not None:
            return self.duration
        try:
            return round(self.tree.duration, 3)
        except EmptyTraceError:
            return 0.0


def _scrubbed(text: str, is_clean: bool) -> tuple[str, dict[str, Any] | None]:
    """Return a document's text and object without secrets; a text without any is returned as it is."""
    try:
        document = parse(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return scrub(text), None
    if is_clean:
        return text, document
    clean = scrub_document(document)
    return (text, document) if clean == document else (json.dumps(clean, separators=(",", ":")), clean)
