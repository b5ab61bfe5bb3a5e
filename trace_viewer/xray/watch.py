# SPDX-License-Identifier: Apache-2.0
"""A trace that grows: polled until it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from trace_viewer.model.progress import Tasks
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import EmptyTraceError, Tree
from trace_viewer.xray.fetch import TraceNotFoundError
from trace_viewer.xray.session import XRayError

POLL = 2.0  # seconds between two snapshots
QUIET = 10.0  # seconds without a change after which a trace with nothing in progress is over
PATIENCE = 120.0  # seconds that X-Ray may know nothing of the trace, or fail


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest trace known, or why there is none yet; task counts by the segment's id."""

    trace: Trace | None
    note: str = ""
    is_over: bool = False
    tasks: Mapping[str, Tasks] = field(default_factory=dict)


class Watch:
    """Follow one trace.

    X-Ray never marks a trace as complete: a function that starts a state machine ends long before it. So a
    trace is over when nothing is in progress and nothing has arrived for a while.

    Parameters
    ----------
    fetch
        Returns the trace as it is now, or raises what `fetch_trace` and `latest_trace_id` raise.
    count
        Returns the task counts of the jobs that run; default: none are known.
    patience
        Seconds without a trace after which the error is raised; None: wait forever.
    """

    def __init__(
        self,
        fetch: Callable[[], Trace],
        *,
        count: Callable[[Trace], Mapping[str, Tasks]] | None = None,
        quiet: float = QUIET,
        patience: float | None = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch, self._count, self._clock = fetch, count, clock
        self._quiet, self._patience = quiet, patience
        self._trace: Trace | None = None
        self._changed = self._seen = clock()

    def snapshot(self) -> Snapshot:
        """Fetch the trace once.

        Raises
        ------
        TraceNotFoundError, XRayError, EmptyTraceError
            If there was no answer for as long as patience lasts.
        """
        now = self._clock()
        try:
            trace = self._fetch()
            running = is_running(trace.tree)
        except (TraceNotFoundError, XRayError, EmptyTraceError) as error:
            if self._patience is not None and now - self._seen >= self._patience:
                raise
            return Snapshot(self._trace, str(error))
        self._seen = now
        if self._trace is None or trace.segments != self._trace.segments:
            self._changed = now
        self._trace = trace  # also where only the time of the fetch is new: what runs has run longer
        tasks = self._count(trace) if self._count and running else {}
        return Snapshot(self._trace, is_over=not running and now - self._changed >= self._quiet, tasks=tasks)


def poll(
    watch: Watch, *, interval: float = POLL, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Snapshot]:
    """Yield a snapshot now and one after every `interval` seconds, until the trace is over."""
    while True:
        snapshot = watch.snapshot()
        yield snapshot
        if snapshot.is_over:
            return
        sleep(interval)


def is_running(tree: Tree) -> bool:
    """Return whether anything is in progress that can still go on."""
    return any(node.in_progress for node in tree.nodes)
