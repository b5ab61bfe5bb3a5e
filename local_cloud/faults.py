# SPDX-License-Identifier: Apache-2.0
"""Faults that tests switch on: which one a request meets, and how often."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar


@dataclass(kw_only=True)
class CountedFault:
    """A way to misbehave.

    Attributes
    ----------
    count
        Requests that it still applies to; None for all until it is cleared.
    seconds
        How late the answer is.
    """

    count: int | None = None
    seconds: float = 0.0


F = TypeVar("F", bound=CountedFault)


class Faults(Generic[F]):
    """The faults that are on; safe to use from many threads.

    Attributes
    ----------
    cleared
        Set while no fault is on: wakes what hangs.
    """

    def __init__(self) -> None:
        self._faults: list[F] = []
        self._lock = threading.Lock()
        self.cleared = threading.Event()
        self.cleared.set()

    def add(self, fault: F) -> None:
        """Switch a fault on, beside the others; it is counted in a copy."""
        with self._lock:
            self._faults.append(dataclasses.replace(fault))
            self.cleared.clear()

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._faults.clear()
            self.cleared.set()

    def active(self) -> list[F]:
        """Return the faults that are on, those that are used up included."""
        with self._lock:
            return list(self._faults)

    def take(self, concerns: Callable[[F], bool]) -> F | None:
        """Return the first fault that concerns a request, and count the request."""
        with self._lock:
            for fault in self._faults:
                if fault.count != 0 and concerns(fault):
                    if fault.count is not None:
                        fault.count -= 1
                    return fault
        return None
