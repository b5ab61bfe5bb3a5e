# SPDX-License-Identifier: Apache-2.0
"""What must end when an execution ends early: waits, and the Glue runs that it started."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class RunningTasks:
    """The cancel functions of the tasks that are running, by execution."""

    def __init__(self) -> None:
        self._cancels: dict[str, list[Callable[[], None]]] = defaultdict(list)
        self._lock = threading.Lock()

    @contextmanager
    def cancelled_by(self, execution: dict[str, Any], cancel: Callable[[], None]) -> Iterator[None]:
        """Call ``cancel`` when the execution is stopped inside the block, or was stopped before it."""
        arn = execution["executionArn"]
        with self._lock:
            self._cancels[arn].append(cancel)
        if execution["status"] != "RUNNING":
            cancel()
        try:
            yield
        finally:
            with self._lock:
                self._cancels[arn].remove(cancel)
                if not self._cancels[arn]:
                    del self._cancels[arn]

    def cancel(self, execution_arn: str) -> None:
        """Cancel every task of an execution."""
        with self._lock:
            cancels = list(self._cancels.get(execution_arn, []))
        for cancel in cancels:
            cancel()


def leave_if_ended(execution: dict[str, Any]) -> None:
    """End the thread of an execution that was stopped: its last event and its status are written already."""
    if execution["status"] != "RUNNING":
        raise SystemExit  # threading takes this as the thread's orderly end
