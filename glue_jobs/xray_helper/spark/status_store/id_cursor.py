# SPDX-License-Identifier: Apache-2.0
"""How far one kind of record was read, by the ids that Spark gives out in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass
class IdCursor:
    """Knows where to go on reading, and which ids are not in the store.

    Attributes
    ----------
    first
        Ids before it belong to somebody else, and are not missed.
    next
        The lowest id to read again.
    seen
        The highest id that was read.
    missing
        How many ids the store does not have: evicted, or their events were dropped.
    """

    first: int
    next: int
    seen: int = -1
    missing: int = 0

    @property
    def is_at_end(self) -> bool:
        """Whether nothing that was read needs to be read again."""
        return self.next > self.seen

    def advance(self, ids: Sequence[int], *, unfinished: Iterable[int]) -> None:
        """Note the ids that were read, at least one; those that are ``unfinished`` are read again."""
        new = [number for number in ids if number >= self._expected]
        self.missing += max(new) + 1 - self._expected - len(new) if new else 0
        self.seen = max(self.seen, *ids)
        self.next = min(unfinished, default=self.seen + 1)

    def close(self, end: int) -> None:
        """Miss the ids between the highest that was read and ``end``, which Spark gives out next."""
        self.missing += max(0, end - self._expected)

    @property
    def _expected(self) -> int:
        return max(self.seen + 1, self.first)
