# SPDX-License-Identifier: Apache-2.0
"""No row may be lost: rows are counted where they are read and where they are written, while that happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as fn

from transforms.errors import ConservationError

ANSWER_TIMEOUT_S: Final = 30.0  # Spark's listener bus answers within milliseconds, or drops the event


class Tally:
    """Counts the rows that pass one place of a plan; costs no pass of its own.

    A place before an exchange may count a row twice, when Spark runs a part again after losing a worker, so
    that a count which does not fit is taken again before anyone is alarmed.

    Parameters
    ----------
    place
        For messages.
    recount
        Counts the same by reading; slow and exact.
    weight
        Column to add up instead of counting rows.
    """

    def __init__(self, *, place: str, recount: Callable[[], int], weight: str | None = None) -> None:
        self.place = place
        self.recount = recount
        self._total = fn.sum(weight) if weight else fn.count(fn.lit(1))
        self._observation = Observation(place)

    def watch(self, rows: DataFrame) -> DataFrame:
        """Make these the rows that are counted, by the first action that runs them."""
        return rows.observe(self._observation, self._total.alias("total"))

    def value(self) -> int:
        """Tell the number, after the action."""
        found: list[int] = []
        # Observation.get waits without end for an event that Spark may have dropped.
        waiting = threading.Thread(
            target=lambda: found.append(self._observation.get["total"] or 0), daemon=True
        )
        waiting.start()
        waiting.join(ANSWER_TIMEOUT_S)
        return found[0] if found else self.recount()


def check_conservation(read: Tally | int, written: Sequence[Tally], *, left_out: int = 0) -> None:
    """Compare the rows that came in with those that went out.

    Parameters
    ----------
    read
        Rows that came in; a number that is exact already, or a tally.
    written
        Rows that went out.
    left_out
        Rows that are meant to stay away: duplicates.

    Raises
    ------
    ConservationError
        When the numbers differ, also after counting again.
    """
    rows = read.value() if isinstance(read, Tally) else read
    if rows == sum(tally.value() for tally in written) + left_out:
        return
    rows = read.recount() if isinstance(read, Tally) else read
    out = [tally.recount() for tally in written]
    if rows != sum(out) + left_out:
        places = ", ".join(f"{number} {tally.place}" for tally, number in zip(written, out, strict=True))
        raise ConservationError(
            f"{rows} rows were read, but {places} and {left_out} duplicates: "
            "do not use what this run has written; the input is as it was."
        )
