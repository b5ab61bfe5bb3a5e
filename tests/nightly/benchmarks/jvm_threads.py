# SPDX-License-Identifier: Apache-2.0
"""What the threads of a JVM have taken of the processors so far, from Linux's /proc."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

ENDED: Final = "threads that have ended"
_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_NUMBER: Final = re.compile(r"([#\-. ]*\d+)+$")  # of a name, Linux keeps 15 letters: "Executor task l"


def jvm_of(process: int) -> int | None:
    """Return the JVM that a process was started by, or has started; None without one."""
    parents = {int(one.name): _stat(one) for one in _PROC.iterdir() if one.name.isdecimal()}
    above = process
    while above in parents:
        if parents[above][0] == "java":
            return above
        above = parents[above][1]
    return next(
        (pid for pid, (name, parent, _) in parents.items() if name == "java" and parent == process), None
    )


def seconds_by_thread(process: int) -> dict[str, float]:
    """Return the processor seconds of a process by the names of its threads, without their numbers."""
    found: defaultdict[str, float] = defaultdict(float)
    for task in (_PROC / str(process) / "task").iterdir():
        name, _, seconds = _stat(task)
        found[_NUMBER.sub("", name) or name] += seconds
    found[ENDED] = max(_stat(_PROC / str(process))[2] - sum(found.values()), 0.0)
    return dict(found)


def _stat(entry: Path) -> tuple[str, int, float]:
    """Read the name, the parent and the processor seconds: man 5 proc, /proc/pid/stat."""
    try:
        head, _, tail = (entry / "stat").read_text().rpartition(")")
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return "", 0, 0.0
    fields = tail.split()
    return head.partition("(")[2], int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS
