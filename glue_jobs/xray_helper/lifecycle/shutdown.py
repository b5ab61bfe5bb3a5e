# SPDX-License-Identifier: Apache-2.0
"""Ends that a ``with`` block does not see: SIGTERM, and an interpreter that exits inside of it."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

EndEarly = Callable[[str], None]  # ends a job for the reason given; raises nothing

_running: Final[list[EndEarly]] = []
_earlier: Final[list[Any]] = []  # the handler that was there before ours; at most one


def watch(end: EndEarly) -> None:
    """Call ``end`` with the reason if the process is terminated or exits before the job has ended."""
    if not _running:
        atexit.register(_end_all, "the interpreter exited inside the job")
    _install()
    _running.append(end)


def unwatch(end: EndEarly) -> None:
    """Forget a job that has ended; the last one restores the handler that was there before."""
    if end in _running:
        _running.remove(end)
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
    for end in tuple(_running):
        end(reason)
