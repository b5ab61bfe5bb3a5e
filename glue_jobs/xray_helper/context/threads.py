# SPDX-License-Identifier: Apache-2.0
"""Work that a step hands to other threads runs inside that step.

``threading.Thread`` with its subclasses, ``ThreadPoolExecutor`` and ``multiprocessing.pool.ThreadPool`` are
patched while a traced job runs. OpenTelemetry's instrumentation of threads is not used: it leaves out threads
with a ``run`` of their own and ``ThreadPool``, keeps the context in each thread object, and hands it to the
threads that py4j keeps for calls from the JVM.
"""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.thread
import contextlib
import contextvars
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from xray_helper.context import places
from xray_helper.context.patches import Patches
from xray_helper.context.uncollected import uncollected
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.own_threads import is_own

# What goes over to the thread; who has another variable adds it.
INHERITED: Final[list[contextvars.ContextVar[Any]]] = [places.CURRENT]
RETURNED: Final[list[Callable[[], None]]] = []  # called when such work is done, in its thread; raise nothing
_POOL: Final = "multiprocessing.pool"
# Threads that serve many steps: each piece of work brings its own.
_SERVERS: Final = ("concurrent.futures.thread", _POOL, "py4j.java_gateway", "py4j.clientserver")
_DATA: Final = (1, "args", "kwds", "iterable")  # what a function of a pool is called with
_patches: Final = Patches()
_errors: Final = ErrorBoundary()


def follow() -> None:
    """Let threads inherit the step that starts them, until as many calls of ``unfollow``."""
    if _patches.begin():
        _patches.put(threading.Thread, "start", _start_of)
        _patches.put(threading, "enumerate", _enumerate_of)
        _patches.put(threading, "active_count", _active_count_of)
        _patches.put(concurrent.futures.ThreadPoolExecutor, "submit", _submit_of)
        _follow_thread_pools()


def unfollow() -> None:
    """Leave threads as they were."""
    _patches.end()


@dataclass
class Inherited:
    """What a thread inherits from the code that gives it work."""

    values: list[tuple[contextvars.ContextVar[Any], Any]]
    span_context: Any

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Run a block as if it stood where the work was given."""
        from opentelemetry import context

        before = [(variable, variable.get()) for variable, _ in self.values]
        before_context = context.get_current()
        with uncollected():
            context.attach(self.span_context)
            _set(self.values)
        try:
            yield
        finally:
            with uncollected():
                context.attach(before_context)
                _set(before)
            for call in tuple(RETURNED):
                call()


def inherit() -> Inherited | None:
    """Return what work that is given away here inherits; None: nothing."""
    from opentelemetry import context, trace

    here = places.innermost()
    span_context = context.get_current()
    if here is not places.CURRENT.get():  # of a generator that is suspended
        span = here.step.span if here else trace.INVALID_SPAN
        span_context = trace.set_span_in_context(span, span_context)
    values = [(variable, variable.get()) for variable in INHERITED]
    values[0] = (places.CURRENT, places.fixed(here))
    return Inherited(values, span_context) if any(value is not None for _, value in values) else None


def inheriting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs where this one is given away."""
    inherited: Inherited | None = None
    with _errors("handing work to a thread"):
        inherited = inherit()
    if inherited is None:
        return function

    def run(*args: Any, **kwargs: Any) -> Any:
        with inherited.applied():
            return function(*args, **kwargs)

    return run


def _set(values: list[tuple[contextvars.ContextVar[Any], Any]]) -> None:
    for variable, value in values:
        variable.set(value)


def _start_of(original: Callable[..., None]) -> Callable[..., None]:
    def start(self: threading.Thread, *args: Any, **kwargs: Any) -> None:
        serves = getattr(getattr(self, "_target", None), "__module__", None)
        if serves == _POOL:
            _follow_thread_pools()
        restore: Callable[[], None] | None = None
        with _errors("handing work to a thread"):
            inherited = None if serves in _SERVERS or is_own(self) else inherit()
            restore = _replace_run(self, inherited) if inherited is not None else None
        try:
            return original(self, *args, **kwargs)
        except BaseException:  # no thread was started
            if restore is not None:
                restore()
            raise

    return start


def _enumerate_of(original: Callable[[], list[threading.Thread]]) -> Callable[[], list[threading.Thread]]:
    """Leave out the library's own threads: a job that waits for all others would wait for ever."""

    def enumerate_theirs() -> list[threading.Thread]:
        return [thread for thread in original() if not is_own(thread)]

    return enumerate_theirs


def _active_count_of(original: Callable[[], int]) -> Callable[[], int]:
    return lambda: len(threading.enumerate())


def _replace_run(thread: threading.Thread, inherited: Inherited) -> Callable[[], None]:
    """Let a thread run inside a step, whatever its class does; the thread itself keeps nothing of it."""
    known, run = "run" in vars(thread), thread.run

    def restore() -> None:
        if known:
            thread.run = run  # type: ignore[method-assign]
        else:
            vars(thread).pop("run", None)

    def run_inside() -> None:
        restore()
        with inherited.applied():
            run()

    thread.run = run_inside  # type: ignore[method-assign]
    return restore


def _submit_of(original: Callable[..., Any]) -> Callable[..., Any]:
    # Functions for other interpreters (Python 3.14 and newer) are pickled.
    foreign = getattr(concurrent.futures, "InterpreterPoolExecutor", ())

    def submit(self: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return original(self, fn if isinstance(self, foreign) else inheriting(fn), *args, **kwargs)

    return submit


def _follow_thread_pools() -> None:
    """Patch ``ThreadPool``, once it is imported."""
    pool = sys.modules.get(_POOL)
    if pool is not None:
        for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
            _patches.put(pool.ThreadPool, name, _method_of)


def _method_of(original: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **named: Any) -> Any:
        names: list[str | int] = [*range(len(args)), *named]
        given = [
            inheriting(one) if callable(one) and name not in _DATA else one
            for name, one in zip(names, (*args, *named.values()))
        ]
        return original(self, *given[: len(args)], **dict(zip(named, given[len(args) :])))

    return method
