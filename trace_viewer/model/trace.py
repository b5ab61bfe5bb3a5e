# SPDX-License-Identifier: Apache-2.0
"""A trace as X-Ray returns it, and as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from trace_viewer.model.tree import EmptyTraceError, Tree, build


class TraceFileError(ValueError):
    """A file does not hold a trace."""


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
        Seconds, as X-Ray says.
    limit_exceeded
        X-Ray dropped documents because the trace was too large.
    """

    id: str
    segments: tuple[tuple[str, str], ...]
    duration: float = 0.0
    limit_exceeded: bool = False

    @cached_property
    def tree(self) -> Tree:
        """The trace as a tree; raises `EmptyTraceError` when no document can be shown."""
        documents, broken = [], []
        for segment_id, text in self.segments:
            try:
                document = json.loads(text, parse_constant=str)  # NaN is not JSON, but some write it
            except (ValueError, RecursionError):
                document = None
            if isinstance(document, dict):
                documents.append(document)
            else:
                broken.append(f"Document {segment_id} is not a JSON object and is left out.")
        tree = build(documents)
        tree.problems[:0] = broken
        if self.limit_exceeded:
            tree.problems.insert(0, "X-Ray left documents out: the trace exceeds its size limit.")
        return tree

    def to_json(self) -> dict[str, Any]:
        """Return the trace as BatchGetTraces does: `{"Id", "Duration", "Segments": [{"Id", "Document"}]}`.

        `LimitExceeded` is there only when true, so that an ordinary trace has exactly these keys.
        """
        shape: dict[str, Any] = {
            "Id": self.id,
            "Duration": self.duration,
            "Segments": [{"Id": segment_id, "Document": text} for segment_id, text in self.segments],
        }
        return shape | ({"LimitExceeded": True} if self.limit_exceeded else {})

    @classmethod
    def from_json(cls, data: object) -> Trace:
        """Read a trace from what the AWS CLI or this package wrote, or from a bare list of documents.

        Parameters
        ----------
        data
            A trace of BatchGetTraces, a whole answer of `aws xray batch-get-traces` or
            `list-retrieved-traces` (its first trace), or a list of segment documents.

        Raises
        ------
        TraceFileError
            If the data is none of these.
        """
        if isinstance(data, Mapping) and isinstance(data.get("Traces"), list) and data["Traces"]:
            data = data["Traces"][0]
        if isinstance(data, list) and data and all(isinstance(item, Mapping) for item in data):
            return cls._from_documents(data)
        items = data.get("Segments", data.get("Spans")) if isinstance(data, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(items, list):
            raise TraceFileError("holds no X-Ray trace: expected an object with the keys Id and Segments")
        segments = tuple(
            (str(item.get("Id", "")), _text(item.get("Document")))
            for item in items
            if isinstance(item, Mapping)
        )
        duration = data.get("Duration")
        return cls(
            id=str(data.get("Id", "")),
            segments=segments,
            duration=float(duration) if isinstance(duration, int | float) else 0.0,
            limit_exceeded=data.get("LimitExceeded") is True,
        )

    @classmethod
    def _from_documents(cls, documents: list[dict[str, Any]]) -> Trace:
        segments = tuple((str(item.get("id", "")), _text(item)) for item in documents)
        trace_id = next((str(item["trace_id"]) for item in documents if item.get("trace_id")), "")
        try:
            duration = build(documents).duration
        except EmptyTraceError as error:
            raise TraceFileError("holds a list, but no X-Ray segment documents") from error
        return cls(id=trace_id, segments=segments, duration=round(duration, 3))


def load(path: str | Path) -> Trace:
    """Read a trace from a JSON file.

    Raises
    ------
    TraceFileError
        If the file cannot be read or holds no trace; the message names the file.
    """
    try:
        return Trace.from_json(json.loads(Path(path).read_text(encoding="utf-8-sig")))
    except TraceFileError as error:
        raise TraceFileError(f"{path} {error}") from error
    except OSError as error:
        raise TraceFileError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise TraceFileError(f"{path} is not JSON: {error}") from error


def _text(document: object) -> str:
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
