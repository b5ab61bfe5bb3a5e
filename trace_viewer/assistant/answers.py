# SPDX-License-Identifier: Apache-2.0
"""The answers, as JSON types in the shapes of docs/schemas.

What a trace or a log says was written by strangers, and the reader may be a program that follows what it
reads. So every text is one line without control characters and secrets, and is cut; nothing in an answer
leads to another question: no URL is fetched, no path is opened that a trace names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from trace_viewer.difference import wording
from trace_viewer.difference.comparison import Comparison, compare
from trace_viewer.difference.pair import Pair
from trace_viewer.files.content import TraceFileError
from trace_viewer.files.load import load_all
from trace_viewer.history.cache import Cache
from trace_viewer.history.last import time_span
from trace_viewer.history.listing import listed
from trace_viewer.history.runs import run_of
from trace_viewer.history.sources import Selection, from_folder, from_xray, trace_files
from trace_viewer.model import text
from trace_viewer.model.names import short_name, xray_trace_id
from trace_viewer.model.trace import Trace
from trace_viewer.xray.fetch import fetch_trace
from trace_viewer.xray.logs import Line, Logs

TEXT_LENGTH = 500  # characters of one text
STEPS = 30  # of a comparison, the largest changes
MOST_RUNS, MOST_LINES = 200, 500


class Answers:
    """Answers from X-Ray, or from the trace files of one folder.

    Parameters
    ----------
    folder
        In place of X-Ray. No other file is read, whatever is asked.
    fetch, logs
        Ask AWS.

    Raises
    ------
    ValueError
        By every method, for an argument that is none; one sentence.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        cache: Cache | None = None,
        fetch: Callable[[str], Trace] = fetch_trace,
        logs: Callable[[Trace], list[Line]] = lambda trace: Logs(by_run_id=False).lines(trace),
    ) -> None:
        self._folder = folder.resolve() if folder else None
        self._cache, self._fetch, self._logs = cache or Cache(), fetch, logs

    def list_runs(self, job: str = "", last: str = "7d", limit: int = 50) -> Any:
        """Return runs, newest first."""
        selection = Selection(time_span(last), job, _bounded(limit, MOST_RUNS))
        found = (
            from_folder(self._folder, selection) if self._folder else from_xray(selection, cache=self._cache)
        )
        return _clean([run.to_json() for run in listed(found.runs)])

    def show_trace(self, trace_id: str) -> Any:
        """Return a run with its steps, and what it failed of."""
        trace = self._trace(trace_id)
        run, failure = run_of(trace), trace.tree.failure
        steps = [{"name": step.name, "seconds": round(step.seconds, 3)} for step in run.steps]
        told = failure and {
            "where": [short_name(node.name) for node in failure.step],
            "message": failure.exception.headline if failure.exception else "",
        }
        return _clean({**run.to_json(), "steps": steps, "failure": told, "notes": trace.tree.problems})

    def findings(self, trace_id: str) -> Any:
        """Return what made a run slow or lossy, worst first."""
        return _clean(self._trace(trace_id).findings.to_json())

    def compare(self, first: str, second: str) -> Any:
        """Return what changed from one run to another, and the steps that changed most."""
        both = compare(self._trace(first), self._trace(second))
        return _clean(comparison_json(both))

    def logs(self, trace_id: str, limit: int = 100) -> Any:
        """Return the log lines that hold the trace's id, oldest first, the last ones if there are more."""
        if self._folder:
            raise ValueError("logs are in CloudWatch: this server reads the trace files of one folder")
        lines = self._logs(self._trace(trace_id))[-_bounded(limit, MOST_LINES) :]
        return _clean([_line_json(line) for line in lines])

    def _trace(self, trace_id: str) -> Trace:
        wanted = xray_trace_id(trace_id)
        if not wanted:
            raise ValueError("this is no trace id: expected 1-<8 hex digits>-<24 hex digits>")
        return self._of_folder(self._folder, wanted) if self._folder else self._fetch(wanted)

    def _of_folder(self, folder: Path, trace_id: str) -> Trace:
        for path in trace_files(folder):
            try:
                found = next((trace for trace in load_all(path) if trace.id == trace_id), None)
            except TraceFileError:
                continue  # `list_runs` is not the place of its problems either
            if found:
                return found
        raise ValueError(f"the folder has no trace {trace_id}")


def comparison_json(both: Comparison) -> dict[str, Any]:
    """Return a comparison as docs/schemas/comparison.schema.json has it."""
    steps = sorted((pair for pair in both.pairs if pair.is_step), key=lambda pair: -abs(pair.step_change))
    return {
        "first": both.first.id,
        "second": both.second.id,
        "seconds": [both.first.tree.duration, both.second.tree.duration],
        "rows": list(both.rows) if both.rows else None,
        "summary": wording.summary(both),
        "per_row": wording.per_row(both),
        "steps": [_step_json(pair) for pair in steps[:STEPS]],
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {"time": line.time, "span_id": line.node, "level": line.level, "text": line.text}


def _step_json(pair: Pair) -> dict[str, Any]:
    sides = [None if node is None else round(node.duration, 3) for node in (pair.first, pair.second)]
    return {
        "name": wording.full_name(pair),
        "seconds": sides,
        "change_seconds": round(pair.step_change, 3),
        "note": wording.note(pair),
    }


def _bounded(number: int, most: int) -> int:
    if not 0 < number <= most:
        raise ValueError(f"limit is from 1 to {most}")
    return number


def _clean(value: Any) -> Any:
    """Return JSON with every text, names of keys too, made fit to be read by anything."""
    if isinstance(value, str):
        return text.sentence(value, TEXT_LENGTH)
    if isinstance(value, Mapping):
        return {text.sentence(key, TEXT_LENGTH): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value
