# SPDX-License-Identifier: Apache-2.0
"""Runs a script as Python itself does: as ``__main__``, with its own ``sys.argv`` and tracebacks."""

from __future__ import annotations

import builtins
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any, Final
from zipimport import zipimporter

_LIBRARY: Final = "xray_helper"
_MAIN: Final = "__main__"


def is_script(path: str) -> bool:
    """Return whether Python could run this: a file, or a folder with a ``__main__.py``."""
    return Path(path).is_file() or Path(path, f"{_MAIN}.py").is_file()


class Script:
    """A script and its command line; like Python it takes a folder or a zip with a ``__main__.py``, too.

    ``__main__`` stays the script's module when it is over: its threads and ``atexit`` functions go on.
    """

    def __init__(self, path: str, arguments: Sequence[str]) -> None:
        self._path, self._arguments = path, list(arguments)
        self._file = str(Path(path).absolute())

    @property
    def folder(self) -> Path:
        """What Python puts first on its path: the script's folder, or the script that is one or a zip."""
        file = Path(self._file)
        return file if file.is_dir() or zipfile.is_zipfile(file) else file.resolve().parent

    def put_first(self) -> None:
        """Let what is beside the script come before everything else of its name."""
        sys.path[0] = str(self.folder)

    def run(self) -> None:
        """Run it; what it raises comes out, ``SystemExit`` too, and is printed without our frames."""
        sys.argv = [self._path, *self._arguments]
        sys.excepthook = self._print
        threading.excepthook = _print_of_thread
        module = ModuleType(_MAIN)
        code, found = self._code()
        vars(module).update(found, __cached__=None, __builtins__=builtins)
        if sys.version_info < (3, 14):  # where the names of types are not known before they are asked for
            vars(module)["__annotations__"] = {}
        sys.modules[_MAIN] = module
        exec(code, vars(module))  # noqa: S102

    def _code(self) -> tuple[CodeType, dict[str, object]]:
        """Return the code and what its module knows of itself; lets it import what is beside it."""
        loader: Any = SourceFileLoader(_MAIN, self._file)
        self.put_first()
        if self.folder != Path(self._file):
            source = Path(self._file).read_bytes()
            code = compile(source, self._file, "exec", dont_inherit=True)
            return code, {"__file__": self._file, "__loader__": loader}
        if Path(self._file).is_dir():
            loader = SourceFileLoader(_MAIN, str(Path(self._file, f"{_MAIN}.py")))
        else:
            loader = zipimporter(self._file)
        self._file = loader.get_filename(_MAIN)
        spec: ModuleSpec | None = spec_from_loader(_MAIN, loader)
        return loader.get_code(_MAIN), {
            "__file__": self._file,
            "__loader__": loader,
            "__spec__": spec,
            "__package__": "",
        }

    def _print(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Print an exception as if nobody stood around the script."""
        for one in _chain(error):
            frames = list(_frames(one.__traceback__))
            files = [frame.tb_frame.f_code.co_filename for frame in frames]
            first = files.index(self._file) if self._file in files else len(files)
            one.__traceback__ = _without_ours(frames[first:])
        sys.__excepthook__(kind, error, error.__traceback__)


_thread_hook: Final = threading.excepthook


def _print_of_thread(failed: threading.ExceptHookArgs) -> None:
    """Print an exception that ended a thread, without the frames of this library."""
    error = failed.exc_value
    for one in _chain(error) if error is not None else ():
        one.__traceback__ = _without_ours(list(_frames(one.__traceback__)))
    trace = error.__traceback__ if error is not None else None
    _thread_hook(threading.ExceptHookArgs((failed.exc_type, error, trace, failed.thread)))


def _without_ours(frames: list[TracebackType]) -> TracebackType | None:
    """Chain the frames that are not this library's."""
    following = None
    for frame in reversed(frames):
        if str(frame.tb_frame.f_globals.get("__name__", "")).partition(".")[0] != _LIBRARY:
            frame.tb_next, following = following, frame
    return following


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


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
