# SPDX-License-Identifier: Apache-2.0
"""Where runs come from: X-Ray, or a folder of trace files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from trace_viewer.files.content import TraceFileError
from trace_viewer.files.load import load_all
from trace_viewer.history.cache import Cache
from trace_viewer.history.runs import Run, run_of
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import EmptyTraceError
from trace_viewer.xray.several import ManyTraces
from xray_common.conventions import JOB_NAME, RUN_ID

TRACES = (".json", ".jsonl", ".gz", ".html")  # what the viewer, the AWS CLI and the library write
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which runs: started within a time, with a job of this name, at most so many; empty: all of them.

    The time ends at `until` (epoch seconds), or now; for files, at the start of the newest.
    """

    last: timedelta | None = None
    job: str = ""
    limit: int | None = None
    until: float | None = None

    def of(self, runs: Iterable[Run]) -> list[Run]:
        """Return those of the runs that are wanted, newest first."""
        wanted = sorted((run for run in runs if not self.job or self.job in run.jobs), key=_newest_first)
        if self.until is not None:
            wanted = [run for run in wanted if run.start <= self.until]
        if self.last is not None and wanted:
            wanted = [run for run in wanted if run.start >= wanted[0].start - self.last.total_seconds()]
        return wanted[: self.limit]


@dataclass(frozen=True, slots=True)
class Found:
    """Runs, newest first.

    Attributes
    ----------
    problems
        A sentence for each file that holds no trace.
    links
        Where the trace of a run can be seen, by its id: a page's path, a URL.
    """

    runs: list[Run]
    problems: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)


def from_folder(folder: Path, selection: Selection) -> Found:
    """Return the runs of the trace files in a folder; pages of them that are there are linked.

    Raises
    ------
    TraceFileError
        If there is no such folder.
    """
    problems: list[str] = []
    runs: dict[str, Run] = {}
    links: dict[str, str] = {}
    for path in trace_files(folder):
        try:
            found = {run.id: run for trace in load_all(path) if (run := _run(trace))}
        except TraceFileError as error:
            problems.append(f"{error}")
            continue
        runs |= found
        pages = [path.with_suffix(".html"), *(folder / f"{trace_id}.html" for trace_id in found)]
        links |= {run: page.as_posix() for run in found for page in pages if page.is_file()}
    return Found(selection.of(runs.values()), problems, links)


def trace_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that may hold traces, by name; no link that leads out of it."""
    if not folder.is_dir():
        raise TraceFileError(f"{folder} is no folder: name the one that holds the trace files.")
    try:
        files = [path for path in folder.iterdir() if path.suffix in TRACES and path.is_file()]
    except OSError as error:
        raise TraceFileError(f"{folder} cannot be read: {error.strerror}") from error
    inside = folder.resolve()  # a link to itself is no file, and cannot be resolved
    yield from sorted(path for path in files if path.resolve().is_relative_to(inside))


def from_xray(selection: Selection, *, cache: Cache, xray: ManyTraces | None = None) -> Found:
    """Return the runs that X-Ray knows: their summaries first, then the traces that are not in the cache.

    Raises
    ------
    XRayError
        If X-Ray could not be asked.
    """
    asked = xray or ManyTraces()
    expression = f"annotation.{JOB_NAME} = {_quoted(selection.job)}" if selection.job else ""
    until = None if selection.until is None else datetime.fromtimestamp(selection.until, timezone.utc)
    found = asked.summaries(selection.last or WEEK, expression, until)
    ids = [str(summary["Id"]) for summary in found if _is_run(summary)][: selection.limit]
    runs = selection.of(by_ids(ids, cache=cache, many=asked))
    return Found(runs, links={run.id: asked.console_url(run.id) for run in runs})


def by_ids(ids: list[str], *, cache: Cache, many: ManyTraces) -> Iterator[Run]:
    """Yield the runs of traces, those of the cache first."""
    known = {trace_id: run for trace_id in ids if (run := cache.get(trace_id))}
    yield from known.values()
    for trace in many.fetch([trace_id for trace_id in ids if trace_id not in known]):
        if run := _run(trace):
            cache.put(run)
            yield run
    cache.trim()


def _quoted(name: str) -> str:
    r"""Return a string of a filter expression.

    >>> _quoted('say "hi"')
    '"say \\"hi\\""'
    """
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_run(summary: dict[str, Any]) -> bool:
    annotations = summary.get("Annotations") or {}  # of the run also where no job came to start
    return JOB_NAME in annotations or RUN_ID in annotations


def _run(trace: Trace) -> Run | None:
    try:
        return run_of(trace)
    except EmptyTraceError:
        return None


def _newest_first(run: Run) -> tuple[float, str]:
    return (-run.start, run.id)
