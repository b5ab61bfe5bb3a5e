# SPDX-License-Identifier: Apache-2.0
"""One trace of a file, or all of them."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

from trace_viewer.files import foreign
from trace_viewer.files.content import TraceFileError, read_text
from trace_viewer.files.shapes import as_traces, collect
from trace_viewer.files.values import json_values
from trace_viewer.model.names import xray_trace_id
from trace_viewer.model.trace import Trace

_EXPORT = re.compile(r'<script type="application/gzip\+base64" id="export-trace"[^>]*>([A-Za-z0-9+/=]+)<')


class SeveralTracesError(TraceFileError):
    """A file holds more than one trace, and none was chosen.

    Attributes
    ----------
    traces
        All of them, in the order of the file.
    """

    def __init__(self, message: str, traces: list[Trace]) -> None:
        super().__init__(message)
        self.traces = traces


def load(path: str | Path, trace_id: str = "") -> Trace:
    """Read a trace from a file.

    Parameters
    ----------
    path
        `-` is standard input.
    trace_id
        Which one, where the file holds several.

    Raises
    ------
    SeveralTracesError
        If the file holds several traces and none is chosen.
    TraceFileError
        If the file cannot be read or holds no such trace; the message names the file.
    """
    traces = load_all(path)
    if trace_id:
        wanted = xray_trace_id(trace_id)
        chosen = [trace for trace in traces if trace.id in (trace_id, wanted)]
        if not chosen:
            raise TraceFileError(f"{_name(path)} holds no trace {trace_id}: {_ids(traces)}.")
        return chosen[0]
    if len(traces) > 1:
        raise SeveralTracesError(
            f"{_name(path)} holds {len(traces):,} traces: choose one with --trace-id.", traces
        )
    return traces[0]


def load_all(path: str | Path) -> list[Trace]:
    """Read every trace of a file; at least one.

    Raises
    ------
    TraceFileError
        If the file cannot be read or holds no trace; the message names the file.
    """
    try:
        return _read(read_text(path))
    except TraceFileError as error:
        raise TraceFileError(f"{_name(path)} {error}") from error


def _read(text: str) -> list[Trace]:
    if text.lstrip()[:1] == "<":
        text = _exported(text)
    values, notes = json_values(text)
    collected = collect(values)
    traces = as_traces(collected, notes)
    if traces:
        return traces
    if collected.unprocessed:
        missing = ", ".join(collected.unprocessed[:3])
        raise TraceFileError(
            f"holds no trace: X-Ray has no such trace ({missing}); check the id, the region and the account"
        )
    raise TraceFileError(foreign.describe(values))


def _exported(page: str) -> str:
    """Return the trace inside of a page that this viewer wrote."""
    found = _EXPORT.search(page)
    if not found:
        raise TraceFileError(
            "is a page or XML, not JSON: if it is an error page, its text says what went wrong"
        )
    try:
        return gzip.decompress(base64.b64decode(found[1])).decode()
    except (ValueError, EOFError, OSError) as error:
        raise TraceFileError(f"is a damaged page of this viewer: {error}") from error


def _ids(traces: list[Trace]) -> str:
    shown = ", ".join(trace.id or "one without an id" for trace in traces[:5])
    return f"it has {shown}" + (f" and {len(traces) - 5:,} more" if len(traces) > 5 else "")


def _name(path: str | Path) -> str:
    return "standard input" if str(path) == "-" else str(path)
