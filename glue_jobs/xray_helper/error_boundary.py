# SPDX-License-Identifier: Apache-2.0
"""The one boundary between telemetry and the job: nothing that goes wrong in here gets out."""

from __future__ import annotations

import inspect
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from types import FrameType, TracebackType
from typing import Final, Literal

from xray_common.scrubbing import scrub
from xray_helper.own_threads import shelter_from_sigpipe

LOGGER: Final = logging.getLogger("xray_helper")


class _Scrubber(logging.Filter):
    """Takes the secrets out of this library's own lines, such as those of an endpoint, for any handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change a record; none is left out."""
        record.msg, record.args = scrub(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
        return True


LOGGER.addFilter(_Scrubber())


class ErrorBoundary:
    """Catches what telemetry code raises, logs each kind of error once, counts every one.

    Examples
    --------
    >>> errors = ErrorBoundary()
    >>> with errors("reading a span"):
    ...     raise KeyError("x")
    >>> errors.faults
    1
    """

    def __init__(self) -> None:
        self.faults = 0
        self._logged: set[str] = set()

    def __call__(self, what: str) -> _Protected:
        """Protect a ``with`` block; ``what`` completes "Telemetry failed while ..."."""
        return _Protected(self, what)

    def count(self, what: str, error: BaseException) -> None:
        """Count one fault; log it when it is the first of its kind."""
        self.faults += 1
        if what not in self._logged:
            self._logged.add(what)
            with suppress(Exception):  # a script may have closed its stderr, to which logging writes
                LOGGER.warning(
                    "Telemetry failed while %s, the job goes on: %s: %s", what, type(error).__name__, error
                )
                LOGGER.debug("Details", exc_info=error)


class _Protected:
    def __init__(self, errors: ErrorBoundary, what: str) -> None:
        self._errors, self._what = errors, what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        # KeyboardInterrupt and SystemExit are the user's
        if not isinstance(error, Exception) or _comes_from_signal_handler(error):
            return False
        self._errors.count(self._what, error)
        return True


def _comes_from_signal_handler(error: Exception) -> bool:
    """Return whether a handler of the user's raised this, such as a time-out: it ran on top of telemetry."""
    return any(_is_handler(frame) for frame, _ in traceback.walk_tb(error.__traceback__))


def _is_handler(frame: FrameType) -> bool:
    """Return whether Python called this for a signal: with its number, and the frame that it interrupted.

    Which handlers are set does not tell: they may be partial functions, and unset themselves.
    """
    names, varargs, _, values = inspect.getargvalues(frame)
    given = [values.get(name) for name in names]
    if varargs is not None:
        given += values.get(varargs, ())
    pairs = zip(given, given[1:])
    return any(isinstance(number, int) and one is frame.f_back for number, one in pairs if one is not None)


def unseen() -> AbstractContextManager[None]:
    """Keep the process's own instrumentation (of botocore, requests, urllib3) from recording what is inside.

    By OpenTelemetry's switch for this; where nobody has imported it, nobody looks.
    """
    utils = sys.modules.get("opentelemetry.instrumentation.utils")
    suppress = getattr(utils, "suppress_instrumentation", None)
    return suppress() if suppress else nullcontext()


def run_bounded(work: Callable[[], None], *, seconds: float, name: str) -> Literal["done", "late"]:
    """Run ``work`` in a daemon thread and wait for it at most ``seconds``; a late one is left behind.

    Time-outs of sockets bound each read, not the whole exchange, and DNS has none at all: this bounds both.
    At interpreter exit Python 3.12 and newer start no thread any more; then the work runs in this one. It is
    telemetry's own: other instrumentations of the process do not see it.
    """

    def work_sheltered() -> None:
        shelter_from_sigpipe()
        work_unseen()

    def work_unseen() -> None:
        with unseen():
            work()

    thread = threading.Thread(target=work_sheltered, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        work_unseen()
        return "done"
    thread.join(max(seconds, 0.0))
    return "late" if thread.is_alive() else "done"
