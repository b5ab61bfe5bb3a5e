# SPDX-License-Identifier: Apache-2.0
"""The trace of a run: complete, on the screen and in files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from demo.display import console
from demo.errors import DemoError
from trace_viewer import Trace, TraceNotFoundError, fetch_trace, render_html, render_tree

TRACE_TIMEOUT_S = 30  # X-Ray shows a segment some seconds after it was sent
POLL_S = 0.5


def fetch_complete(trace_id: str, is_whole: Callable[[Trace], bool] = lambda trace: True) -> Trace:
    """Return the trace once no segment is in progress; at the deadline, what is there.

    Parameters
    ----------
    trace_id
        ``1-<8 hex>-<24 hex>``.
    is_whole
        Whether a trace without a segment in progress has all that is waited for.

    Raises
    ------
    DemoError
        When there is no such trace at the deadline.
    """
    deadline = time.monotonic() + TRACE_TIMEOUT_S
    while True:
        late = time.monotonic() > deadline
        try:
            trace = fetch_trace(trace_id)
            documents = [json.loads(document) for _, document in trace.segments]
            under_way = any(document.get("in_progress") for document in documents)
            if late or (not under_way and is_whole(trace)):
                return trace
        except TraceNotFoundError as error:
            if late:
                raise DemoError(str(error)) from error
        time.sleep(POLL_S)


def is_connected(trace: Trace) -> bool:
    """Return whether every parent that a segment names is there."""
    documents = [json.loads(document) for _, document in trace.segments]
    known = {identifier for document in documents for identifier in _ids(document)}
    return all(document["parent_id"] in known for document in documents if "parent_id" in document)


def _ids(document: dict[str, Any]) -> Iterator[str]:
    yield document["id"]
    for child in document.get("subsegments", []):
        yield from _ids(child)


def save(trace: Trace, output: Path) -> None:
    """Write it as JSON and as a page."""
    (output / "trace.json").write_text(json.dumps(trace.to_json(), indent=1) + "\n")
    (output / "trace.html").write_text(render_html(trace), encoding="utf-8")


def show(trace: Trace) -> None:
    """Print it as a tree."""
    print(render_tree(trace, width=console.width if console.is_terminal else None, color=console.is_terminal))
