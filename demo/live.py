# SPDX-License-Identifier: Apache-2.0
"""The page of the run's trace, on this machine while the demonstration runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from demo.display import console
from trace_viewer import Trace, TraceNotFoundError, fetch_trace
from trace_viewer.rendering.live.server import Server, live_page
from trace_viewer.xray.task_log import TaskLog
from trace_viewer.xray.watch import Watch

QUIET_S = 3.0  # the run's last segment is there as soon as the run is over
Show = Callable[[str], None]


@contextlib.contextmanager
def live_trace() -> Iterator[Show]:
    """Serve the page until the block ends; the block gets a function that takes the trace's id.

    Nothing waits for the page and nothing fails with it: where no port can be had, there is none.
    """
    known: list[str] = []

    def fetch() -> Trace:
        if not known:
            raise TraceNotFoundError("The run has not started yet.")
        return fetch_trace(known[0])

    try:
        server = Server(live_page(Watch(fetch, count=TaskLog(), quiet=QUIET_S, patience=None)))
    except OSError as error:
        console.print(f"no live page: {error}", markup=False)
        yield known.append
        return
    with server:
        threading.Thread(target=server.serve_forever, name="live-page", daemon=True).start()
        console.print(f"the trace as it grows: {server.url}", markup=False, soft_wrap=True)
        try:
            yield known.append
        finally:
            server.shutdown()
