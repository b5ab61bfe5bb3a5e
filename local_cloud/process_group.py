# SPDX-License-Identifier: Apache-2.0
"""End a process with all that it started, when it leads a group of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

_STOP_GRACE = 10.0  # seconds between SIGTERM and SIGKILL


def exit_code(return_code: int) -> int:
    """Return what a shell would report: 128 + N for signal N."""
    return return_code if return_code >= 0 else 128 - return_code


def kill_group(group: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to every process of a group; a group that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def stop_group(process: subprocess.Popen[bytes], *, grace_s: float = _STOP_GRACE) -> None:
    """Ask a process group to end and, after a grace period, end it."""
    kill_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(grace_s)
    kill_group(process.pid)
    process.wait()
