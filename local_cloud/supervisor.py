# SPDX-License-Identifier: Apache-2.0
"""The process between a user and the cloud's server: when the user's process ends, so does all of the cloud.

Standard input is a pipe that only the user's process holds open. Its end-of-file, a signal, or the end of the
server itself all mean the same: kill every process below, remove the temporary directory, go. SIGKILL of the
user's process closes the pipe too, which is why this works where an ``atexit`` handler does not.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from local_cloud.processes import STOP_SIGNALS, adopt_orphans, kill_descendants, reap_others

_GRACE = 3.0  # seconds that the server gets to stop its Glue runs before it is killed


def main(arguments: list[str]) -> int:
    """Run ``COMMAND...`` supervised: ``supervisor.py TEMPORARY_DIRECTORY READY_FD COMMAND...``."""
    directory, ready_fd, command = Path(arguments[0]), int(arguments[1]), arguments[2:]
    adopt_orphans()
    wake_up = _wake_up_on_signals()
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[ready_fd])
    os.close(ready_fd)  # the server alone holds it now, so that its death before "ready" is an end-of-file
    try:
        _wait_for_the_end(server, wake_up)
        _stop(server)
    finally:
        kill_descendants(os.getpid())
        shutil.rmtree(directory, ignore_errors=True)
    return server.returncode or 0


def _wake_up_on_signals() -> int:
    """Return a file descriptor that becomes readable with each signal that matters here."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (*STOP_SIGNALS, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return reader


def _wait_for_the_end(server: subprocess.Popen[bytes], wake_up: int) -> None:
    """Return when the user's process is gone, a stop signal came, or the server ended."""
    standard_input = sys.stdin.fileno()
    while server.poll() is None:
        ready, _, _ = select.select([standard_input, wake_up], [], [])
        if standard_input in ready and not os.read(standard_input, 1024):
            return
        if wake_up in ready and set(os.read(wake_up, 1024)) & set(STOP_SIGNALS):
            return
        reap_others(server.pid)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, so that Spark jobs see a SIGTERM first."""
    if server.poll() is None:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_GRACE)
        server.kill()
        server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
