# SPDX-License-Identifier: Apache-2.0
"""Ends that a ``with`` block does not see: SIGTERM, and an interpreter that exits inside of it.

A signal handler runs in the main thread, between any two instructions of it, under whatever locks that
thread holds at that moment: a span's, a log handler's, the import system's. So the handler takes none and
waits for nothing. It starts a thread that ends the jobs, and returns; the job goes on until that thread has
done so, within the jobs' budgets, and sends the signal again. What comes after the first signal, from that
thread or from somebody who does not want to wait, has the effect that it would have had without us.
"""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import BuiltinFunctionType, FrameType
from typing import Any, Final

EndEarly = Callable[[str], None]  # ends a job for the reason given, in bounded time; raises nothing

_TURN_S: Final = 0.0002
_running: Final[list[EndEarly]] = []
_earlier: Final[list[Any]] = []  # the handler that was there before ours; at most one
_ending: Final[list[_thread.LockType]] = []  # held while the jobs are ended after a signal; at most one
_forking: Final = threading.local()  # the signal mask of a thread that forks, until it has forked
_owner: Final[list[int]] = []  # the process whose jobs these are: a forked child has copies of them


def watch(end: EndEarly) -> None:
    """Call ``end`` with the reason if the process is terminated or exits before the job has ended."""
    if not _running:
        atexit.register(_end_at_exit)
    _install()
    _running.append(end)


def unwatch(end: EndEarly) -> None:
    """Forget a job that has ended; the last one restores the handler that was there before."""
    if end in _running:
        _running.remove(end)
    if not _running:
        atexit.unregister(_end_at_exit)
        if threading.current_thread() is threading.main_thread():
            _restore()


def await_signal() -> None:
    """Stay, in the main thread, until a SIGTERM under way has had its effect: no job outlives it."""
    if threading.current_thread() is threading.main_thread() and _owner == [os.getpid()]:
        for lock in tuple(_ending):
            with lock:  # the handler, which runs on top of this, does not touch it
                pass


def _install() -> None:
    """Only the main thread may set handlers; a job that runs in another one does without.

    A process that ignores the signal outlives it, and so does its trace.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGTERM) not in (signal.SIG_IGN, _on_sigterm):
        # Somebody may have replaced ours inside of an earlier job, as event loops do
        _earlier[:] = [signal.signal(signal.SIGTERM, _on_sigterm)]
        _owner[:] = [os.getpid()]


def _restore() -> None:
    if _earlier and signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.signal(signal.SIGTERM, _earlier.pop())


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    """Have the jobs ended; the second signal is not waited for."""
    if _ending or not _running or _owner != [os.getpid()] or not _has_threads():
        _pass_on(number, frame)
        return
    lock = _thread.allocate_lock()
    lock.acquire()
    _ending.append(lock)
    try:
        _thread.start_new_thread(_end_and_signal, (number, lock))  # threading's own takes locks
    except RuntimeError:  # Python 3.12 and newer start no thread at interpreter exit
        _pass_on(number, frame)


def _has_threads() -> bool:
    """Return whether a thread would run beside this one: gevent makes it one that waits for its turn."""
    return isinstance(_thread.start_new_thread, BuiltinFunctionType)


def _pass_on(number: int, frame: FrameType | None) -> None:
    """Do what would have been done without us."""
    earlier: Any = _earlier.pop() if _earlier else signal.SIG_DFL
    _ending.clear()
    signal.signal(number, earlier if callable(earlier) else signal.SIG_DFL)
    if callable(earlier):
        earlier(number, frame)
    else:
        os.kill(os.getpid(), number)


def _end_and_signal(number: int, lock: _thread.LockType) -> None:
    # The job goes on meanwhile. One that computes holds the interpreter for this long at each of our turns:
    # with Python's 5 ms the delivery did not end within its budget.
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        _end_all("terminated by SIGTERM")
    finally:
        sys.setswitchinterval(usual_s)
        if lock in _ending:  # else the second signal has come already
            signal.pthread_kill(threading.main_thread().ident or 0, number)
        lock.release()


def _end_at_exit() -> None:
    _end_all("the interpreter exited inside the job")
    await_signal()


def _end_all(reason: str) -> None:
    for end in tuple(_running):
        end(reason)


def _hold_back() -> None:
    """Let no SIGTERM reach a child before the handler is given back: Python drops what comes sooner.

    The kernel keeps it until `_let_through`. Source: ``PyOS_AfterFork_Child``, which clears pending signals.
    """
    if _earlier:
        _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def _let_through() -> None:
    mask, _forking.mask = getattr(_forking, "mask", None), None
    if mask is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _give_back_in_child() -> None:
    """Let a forked child die of the signal at once, as it would without us.

    A handler in Python waits for the interpreter: a worker that has just begun to wait for a semaphore never
    gets there, and ``multiprocessing.Pool.terminate`` waits for that worker for ever.
    """
    if _earlier and signal.getsignal(signal.SIGTERM) is _on_sigterm:
        earlier = _earlier.pop()
        signal.signal(signal.SIGTERM, signal.SIG_DFL if earlier is None else earlier)
    _ending.clear()
    _let_through()


os.register_at_fork(before=_hold_back, after_in_parent=_let_through, after_in_child=_give_back_in_child)
