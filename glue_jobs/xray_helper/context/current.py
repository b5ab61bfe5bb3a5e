# SPDX-License-Identifier: Apache-2.0
"""The job, or whatever else has a block, around the code that runs."""

from __future__ import annotations

import contextlib
import contextvars
from typing import Generic, TypeVar

from xray_helper.context.threads import INHERITED
from xray_helper.context.uncollected import uncollected

Owner = TypeVar("Owner")


class Current(Generic[Owner]):
    """Owners whose blocks are entered and left; work in threads inherits the one that gave it away.

    Parameters
    ----------
    name
        Of the context variable.
    """

    def __init__(self, name: str) -> None:
        self._variable: contextvars.ContextVar[Owner | None] = contextvars.ContextVar(name, default=None)
        self._running: list[Owner] = []  # for threads that were not started by any of them
        self._tokens: dict[int, contextvars.Token[Owner | None]] = {}  # by the ids of owners
        INHERITED.append(self._variable)

    def enter(self, owner: Owner) -> None:
        """Make an owner the current one until it leaves."""
        with uncollected():
            self._tokens[id(owner)] = self._variable.set(owner)
        self._running.append(owner)

    def leave(self, owner: Owner) -> None:
        """Make the owner around it the current one; nothing when it is not inside."""
        if owner in self._running:
            self._running.remove(owner)
        token = self._tokens.pop(id(owner), None)
        if token is not None:
            with uncollected(), contextlib.suppress(ValueError):  # another thread's or task's, which entered
                self._variable.reset(token)

    def find(self) -> Owner | None:
        """Return the owner around this code; in a thread of its own, the one that was entered last."""
        return self._variable.get() or (self._running[-1] if self._running else None)
