# SPDX-License-Identifier: Apache-2.0
"""What a command and all that it starts have taken, to the end of each: by the kernel's own account.

``python -m tests.nightly.benchmarks.reaper FILE COMMAND ...`` writes a ``Taken`` as JSON. PySpark leaves its
JVM behind and does not wait for it: here orphans come to this process (``PR_SET_CHILD_SUBREAPER``), which
waits for them, so that no last look is missed.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

_PR_SET_CHILD_SUBREAPER: Final = 36  # man 2 prctl
_KB_PER_MB: Final = 1_024


class Taken(NamedTuple):
    """Processor seconds of all processes, seconds until the first one's end, peak of driver and JVM (MB)."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def run_reaped(command: Sequence[str], environment: Mapping[str, str], *, folder: Path) -> Taken:
    """Run a command in a process of its own; its output goes to ``folder``.

    Raises
    ------
    RuntimeError
        When it fails; with the last lines of its output.
    """
    report, output = folder / "taken.json", folder / "output.txt"
    with output.open("w") as file:
        own = [sys.executable, "-m", "tests.nightly.benchmarks.reaper", str(report), *command]
        done = subprocess.run(own, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        tail = "\n".join(output.read_text().splitlines()[-20:])
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{tail}")
    return Taken(**json.loads(report.read_text()))


def main(report: str, command: Sequence[str]) -> int:
    """Run the command, wait for everything, write the report; return the command's exit code."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.perf_counter()
    first = os.posix_spawnp(command[0], list(command), os.environ)
    cpu_s, wall_s, code, peaks = 0.0, 0.0, 0, []
    while True:
        try:
            pid, status, used = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu_s += used.ru_utime + used.ru_stime
        peaks.append(used.ru_maxrss / _KB_PER_MB)
        if pid == first:
            wall_s, code = time.perf_counter() - started, os.waitstatus_to_exitcode(status)
    driver_and_jvm = sorted(peaks)[-2:]
    taken = Taken(cpu_s=cpu_s, wall_s=wall_s, peak_mb=sum(driver_and_jvm))
    Path(report).write_text(json.dumps(taken._asdict()))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
