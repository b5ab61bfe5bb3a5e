# SPDX-License-Identifier: Apache-2.0
"""What a process takes, its children included, from Linux's /proc: Spark's work is that of a child."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

PERIOD_S: Final = 0.05  # between two looks; CPU time after the last look at a process is not seen
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class Usage(NamedTuple):
    """Seconds of wall time, seconds of CPU time, and the highest resident memory in megabytes."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class _Look(NamedTuple):
    parent: int
    cpu_s: float
    rss_mb: float


def run_measured(command: Sequence[str], environment: Mapping[str, str]) -> tuple[Usage, str]:
    """Run a command to its end; what it and its descendants took, and its standard output.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails.
    """
    cpu_s: dict[int, float] = {}
    peak_mb = 0.0
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            tree = _tree(process.pid)
            cpu_s.update({pid: look.cpu_s for pid, look in tree.items()})
            peak_mb = max(peak_mb, sum(look.rss_mb for look in tree.values()))
            time.sleep(PERIOD_S)
        wall_s = time.perf_counter() - started
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Usage(wall_s, sum(cpu_s.values()), peak_mb), output


def cpu_seconds(root: int) -> float:
    """Return the seconds of CPU time that a process and its descendants that run have taken so far."""
    return sum(look.cpu_s for look in _tree(root).values())


def _tree(root: int) -> dict[int, _Look]:
    """Look at a process and its descendants."""
    looks = {int(entry.name): _look(entry) for entry in Path("/proc").iterdir() if entry.name.isdecimal()}
    found, new = {}, {root}
    while new:
        found.update({pid: look for pid in new if (look := looks.get(pid))})
        new = {pid for pid, look in looks.items() if look and look.parent in new}
    return found


def _look(process: Path) -> _Look | None:
    """Read one process; None when it has ended. Fields: man 5 proc, /proc/pid/stat, after the name."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return _Look(
        int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * _PAGE_BYTES / 1e6
    )
