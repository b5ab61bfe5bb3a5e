# SPDX-License-Identifier: Apache-2.0
"""What the markers of rows have counted, in all executions of a job."""

from __future__ import annotations

from collections.abc import Iterable

from xray_helper.spark.row_counts.markers import Passed


class RowCounts:
    """Knows the rows of a marker that some execution has seen whole, and of no other.

    Outside of caches each execution counts anew, and the highest number is that of the whole: one branch of a
    join may end early. The plan of a cache runs once for each partition, whoever needs it first: its number
    is that of the one execution that filled it; where several may have filled a part, nobody knows it.
    """

    def __init__(self) -> None:
        self._whole: dict[int, int] = {}
        self._cached: dict[int, int | None] = {}
        self._is_blind = False

    def add(self, found: Iterable[Passed], *, is_whole: bool) -> None:
        """Add what one execution has counted; it is not whole if it failed, stopped early or ran twice."""
        most: dict[tuple[int, bool], int] = {}
        for item in found:
            key = (item.number, item.in_cache)
            most[key] = max(item.rows, most.get(key, 0))
        for (number, in_cache), rows in most.items():
            if in_cache:
                self._add_cached(number, rows, is_known=is_whole and not self._is_blind)
            elif is_whole:
                self._whole[number] = max(rows, self._whole.get(number, 0))

    def miss(self) -> None:
        """Note that something ran which was not read, and may have filled a cache."""
        self._is_blind = True

    def rows(self) -> dict[int, int]:
        """Return marker -> rows, where they are known."""
        cached = {number: rows for number, rows in self._cached.items() if rows is not None}
        return cached | self._whole

    def _add_cached(self, number: int, rows: int, *, is_known: bool) -> None:
        if number not in self._cached:
            self._cached[number] = rows if is_known else None
        elif rows:  # filled by more than one
            self._cached[number] = None
