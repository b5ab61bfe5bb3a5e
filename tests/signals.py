# SPDX-License-Identifier: Apache-2.0
"""Signals of child processes: as a terminal leaves them, whatever the shell of the tests ignores."""

from __future__ import annotations

import signal


def default_signals() -> None:
    """Reset, between fork and exec, what ``nohup`` or a shell's ``&`` makes every child ignore."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
