# SPDX-License-Identifier: Apache-2.0
"""Ends that a ``with`` block does not see: SIGTERM, and an interpreter that exits inside of it."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import Status, StatusCode

if TYPE_CHECKING:
    from xray_helper.lifecycle.tracing import Tracing

_running: Final[list[Tracing]] = []
_earlier: Final[list[Any]] = []  # the handler that was there before ours; at most one


def watch(tracing: Tracing) -> None:
    """End this trace well if the process is terminated or exits before the job does."""
    if not _running:
        atexit.register(_end_all, "the interpreter exited inside the job")
    _install()
    _running.append(tracing)


def unwatch(tracing: Tracing) -> None:
    """Forget a trace that has ended; the last one restores the handler that was there before."""
    if tracing in _running:
        _running.remove(tracing)
    if not _running:
        atexit.unregister(_end_all)
        if threading.current_thread() is threading.main_thread():
            _restore()


def _install() -> None:
    """Only the main thread may set handlers; a job that runs in another one does without."""
    if threading.current_thread() is not threading.main_thread() or _earlier:
        return
    _earlier.append(signal.signal(signal.SIGTERM, _on_sigterm))


def _restore() -> None:
    if _earlier and signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.signal(signal.SIGTERM, _earlier.pop())


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    """Deliver what there is, then do what would have been done without us."""
    _end_all("terminated by SIGTERM")
    earlier: Callable[[int, FrameType | None], Any] | int | None = (
        _earlier.pop() if _earlier else signal.SIG_DFL
    )
    if callable(earlier):
        signal.signal(number, earlier)
        earlier(number, frame)
    elif earlier is not signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _end_all(reason: str) -> None:
    for tracing in tuple(_running):
        with tracing.job.guard("ending the trace early"):
            if not tracing.ending.has_begun:
                tracing.span.set_status(Status(StatusCode.ERROR, reason))
            tracing.ending.run(time.time_ns(), interrupted=True)
