# SPDX-License-Identifier: Apache-2.0
"""Runs a script as Python itself does: as ``__main__``, with its own ``sys.argv`` and tracebacks."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Final

_LIBRARY: Final = "xray_helper"


class Script:
    """A script and its command line.

    ``__main__`` stays the script's module when it is over: its threads and ``atexit`` functions go on.
    """

    def __init__(self, path: str, arguments: Sequence[str]) -> None:
        self._path, self._arguments = path, list(arguments)
        self._file = str(Path(path).absolute())

    def run(self) -> None:
        """Run it; what it raises comes out, ``SystemExit`` too, and is printed without our frames."""
        sys.argv = [self._path, *self._arguments]
        sys.path[0] = str(Path(self._file).resolve().parent)
        sys.excepthook = self._print
        module = ModuleType("__main__")
        loader = SourceFileLoader("__main__", self._file)
        vars(module).update(__file__=self._file, __loader__=loader, __builtins__=builtins)
        sys.modules["__main__"] = module
        exec(compile(Path(self._file).read_bytes(), self._file, "exec", dont_inherit=True), vars(module))  # noqa: S102

    def _print(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Print an exception as if nobody stood around the script."""
        for one in _chain(error):
            one.__traceback__ = self._own(one.__traceback__)
        sys.__excepthook__(kind, error, error.__traceback__)

    def _own(self, trace: TracebackType | None) -> TracebackType | None:
        """Return the frames from the script's first on, without those of this library."""
        frames = list(_frames(trace))
        files = [frame.tb_frame.f_code.co_filename for frame in frames]
        first = files.index(self._file) if self._file in files else len(files)
        kept = [frame for frame in frames[first:] if not _is_ours(frame)]
        following = None
        for frame in reversed(kept):
            frame.tb_next, following = following, frame
        return kept[0] if kept else None


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_ours(frame: TracebackType) -> bool:
    return str(frame.tb_frame.f_globals.get("__name__", "")).partition(".")[0] == _LIBRARY


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it, each once."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]
