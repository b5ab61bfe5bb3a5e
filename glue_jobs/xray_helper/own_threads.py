# SPDX-License-Identifier: Apache-2.0
"""What the library's own threads must not do to the process that they run in."""

from __future__ import annotations

import contextlib
import logging  # noqa: F401 - before the hook below: hooks run backwards, and its own takes a lock that imports need
import os
import signal
import threading
from collections.abc import Iterator
from typing import Final

PREFIX: Final = "xray-"  # begins their names
_PACKAGE: Final = __name__.partition(".")[0]
_MOST_S: Final = 5.0  # that a fork waits for an import
_importing = threading.RLock()
_forking: Final = threading.local()


def is_own(thread: threading.Thread) -> bool:
    """Return whether a thread is the library's: by its name and by what it runs."""
    runs = str(getattr(getattr(thread, "_target", None), "__module__", ""))
    return str(getattr(thread, "_name", "")).startswith(PREFIX) and runs.partition(".")[0] == _PACKAGE


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Import inside of this block in a thread: no other thread forks meanwhile.

    A child has no thread but the one that forked. A module that another one was importing stays locked in it,
    and whoever imports it there waits for ever.
    """
    with _importing:
        yield


def shelter_from_sigpipe() -> None:
    """Let a peer that hangs up be an error in this thread, for good.

    A script that restores the signal's default action, as one for pipes does, would be ended by it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])


def _await_import() -> None:
    _forking.holds = _importing.acquire(timeout=_MOST_S)


def _go_on() -> None:
    if _forking.holds:
        _importing.release()


def _renew_in_child() -> None:
    """Replace the lock: it may be one of a thread that is not here."""
    global _importing
    _importing = threading.RLock()


os.register_at_fork(before=_await_import, after_in_parent=_go_on, after_in_child=_renew_in_child)
