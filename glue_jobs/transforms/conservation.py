# SPDX-License-Identifier: Apache-2.0
"""No row may be lost: rows are counted where they are read and where they are written, while that happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as fn

from transforms.errors import ConservationError

_ROWS: Final = "rows"
_TOTAL: Final = "total"
ANSWER_TIMEOUT_S: Final = 30.0  # Spark's listener bus answers within milliseconds, or drops the event


class RowCounter:
    """Count the rows that pass one place of a plan, without a pass of its own.

    A place before an exchange may count a row twice, when Spark runs a part again after losing a worker, so
    that a count which does not fit is taken again before anyone is alarmed.

    Parameters
    ----------
    place
        For messages.
    recount
        Counts the same by reading; slow and exact. It is given the column to add up, None to count rows.
    weight
        Column to add up instead of counting rows.
    """

    def __init__(
        self, *, place: str, recount: Callable[[str | None], int], weight: str | None = None
    ) -> None:
        self.place = place
        self._recount = recount
        self._weight = weight
        self._counts = {_ROWS: "count(1)"} | ({_TOTAL: f"sum({weight})"} if weight else {})
        self._observation = Observation(place)

    def watch(self, rows: DataFrame) -> DataFrame:
        """Make these the rows that are counted, by the first action that runs them."""
        counts = (fn.expr(f"{count} AS {name}") for name, count in self._counts.items())
        return rows.observe(self._observation, *counts)

    def rows(self) -> int:
        """Return the number of rows, after the action."""
        return self._recount(None) if self._seen is None else self._seen[_ROWS]

    def value(self) -> int:
        """Return what has to fit, after the action: the number of rows, or the sum of the weights."""
        value = _TOTAL if self._weight else _ROWS
        return self.recount() if self._seen is None else self._seen[value] or 0

    def recount(self) -> int:
        """Find the value by reading what was written."""
        return self._recount(self._weight)

    @cached_property
    def _seen(self) -> dict[str, int] | None:
        """Return what Spark has counted; None when its answer did not come."""
        found: list[dict[str, int]] = []
        # Spark waits without end for an event that it may have dropped itself.
        waiting = threading.Thread(target=lambda: found.append(self._ask()), daemon=True)
        waiting.start()
        waiting.join(ANSWER_TIMEOUT_S)
        return found[0] if found else None

    def _ask(self) -> dict[str, int]:
        # Not Observation.get: it walks through the answer, and PySpark asks the JVM 70 questions about the
        # exception that ends the walk (10 ms).
        answer: Any = self._observation._jo.getAsJava()  # type: ignore[union-attr]
        return {name: answer[name] for name in self._counts}


def check_conservation(read: RowCounter | int, written: Sequence[RowCounter], *, left_out: int = 0) -> None:
    """Compare the rows that came in with those that went out.

    Parameters
    ----------
    read
        Rows that came in; a number that is exact already, or a counter.
    written
        Rows that went out.
    left_out
        Rows that are meant to stay away: duplicates.

    Raises
    ------
    ConservationError
        When the numbers differ, also after counting again.
    """
    rows = read.value() if isinstance(read, RowCounter) else read
    if rows == sum(counter.value() for counter in written) + left_out:
        return
    rows = read.recount() if isinstance(read, RowCounter) else read
    out = [counter.recount() for counter in written]
    if rows != sum(out) + left_out:
        places = ", ".join(f"{number} {counter.place}" for counter, number in zip(written, out, strict=True))
        raise ConservationError(
            f"{rows} rows were read, but {places} and {left_out} duplicates: "
            "do not use what this run has written; the input is as it was."
        )
