# SPDX-License-Identifier: Apache-2.0
"""Runs that are over, on disk: a trace that has ended never changes.

A file for each run, by trace id, under the user's cache folder, readable by the user alone. It holds numbers
and names, of steps and of reasons of rejection: no message, no stack, no path of a file. What cannot be read
or written is as if it were not there.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from trace_viewer.history.runs import Run, from_json
from xray_common.ids import is_trace_id

FORMAT = 2  # of the files: raise it whenever a run is measured in another way
MAX_BYTES = 64_000_000  # of the folder, some 20,000 runs; the runs that were asked for longest ago go first
SETTLED_S = 600.0  # since its end: a job of the trace may still send


class Cache:
    """Runs by trace id.

    Parameters
    ----------
    folder
        Default: `glue-xray/runs` in `$XDG_CACHE_HOME` or `~/.cache`. Made when the first run is kept.
    clock
        Returns the time, in epoch seconds.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder or default_folder()
        self._max_bytes = max_bytes
        self._clock = clock

    def get(self, trace_id: str) -> Run | None:
        """Return the run, if it is there and whole."""
        if not is_trace_id(trace_id):
            return None
        path = self._path(trace_id)
        try:
            run = from_json(json.loads(path.read_text(encoding="utf-8")))
            os.utime(path)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return run if run.id == trace_id else None

    def put(self, run: Run) -> None:
        """Keep a run that is over for good; any other is not kept."""
        if run.state == "running" or self._clock() - run.end < SETTLED_S or not is_trace_id(run.id):
            return
        path = self._path(run.id)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = path.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(asdict(run), file, separators=(",", ":"))
            new.replace(path)  # another process sees all of it or nothing

    def trim(self) -> None:
        """Remove the runs that were not asked for longest, until the folder is small enough."""
        with suppress(OSError):
            found = [(path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.iterdir()]
            excess = sum(size for _, size, _ in found) - self._max_bytes
            for _, size, path in sorted(found):
                if excess <= 0:
                    return
                path.unlink(missing_ok=True)
                excess -= size

    def _path(self, trace_id: str) -> Path:
        return self._folder / f"{trace_id}.{FORMAT}.json"


class NoCache(Cache):
    """Keeps nothing."""

    def get(self, trace_id: str) -> Run | None:
        """Return nothing."""
        return None

    def put(self, run: Run) -> None:
        """Keep nothing."""


def default_folder() -> Path:
    """Return where the runs of this user are kept (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "glue-xray" / "runs"
