# SPDX-License-Identifier: Apache-2.0
"""Leave no process behind; with the standard library alone, since the supervisor must start fast."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>


def _prctl(option: int, value: int) -> None:
    """Call prctl(2); other systems than Linux have no such call and do without."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel send this process SIGTERM when its parent ends, however it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, instead of init (a "subreaper")."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def descendants(root: int) -> list[int]:
    """Return the ids of all processes below ``root``, parents first.

    Reads /proc, so the list is empty on systems without it.
    """
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended while we looked
            # "pid (name) state ppid ...": the name may hold blanks and brackets, so read from the last one on
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found


def kill_descendants(root: int) -> None:
    """Kill everything below ``root`` (this process) and collect it, until nothing is left.

    Looks again after each round: a process may fork while we kill.
    """
    while below := descendants(root):
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap()


def reap() -> None:
    """Collect the exit status of one ended child, waiting for it; return at once when there is no child."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)


def reap_others(child: int) -> None:
    """Collect the children that have ended, but leave the exit status of ``child`` to whoever started it."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid == child:
            return
        os.waitpid(ended.si_pid, 0)
