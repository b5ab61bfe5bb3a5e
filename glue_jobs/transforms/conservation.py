# SPDX-License-Identifier: Apache-2.0
"""No row may be lost: rows are counted where they are read and where they are written, while that happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

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
        Counts the same rows by reading them; slow and exact.
    """

    def __init__(self, *, place: str, recount: Callable[[], int]) -> None:
        self.place = place
        self.recount = recount
        self._observation = Observation(place)

    def watch(self, rows: DataFrame) -> DataFrame:
        """Make these the rows that are counted, by the first action that runs them."""
        return rows.observe(self._observation, F.count(F.lit(1)).alias("rows"))

    def value(self) -> int:
        """Tell the number of rows, after the action."""
        found: list[int] = []
        # Observation.get waits without end for an event that Spark may have dropped.
        waiting = threading.Thread(target=lambda: found.append(self._observation.get["rows"]), daemon=True)
        waiting.start()
        waiting.join(ANSWER_TIMEOUT_S)
        return found[0] if found else self.recount()


def check_conservation(read: Tally, written: Sequence[Tally], *, left_out: int = 0) -> int:
    """Compare the rows that came in with those that went out.

    Parameters
    ----------
    read
        Rows that came in.
    written
        Rows that went out.
    left_out
        Rows that are meant to stay away: duplicates.

    Returns
    -------
    int
        Rows that came in.

    Raises
    ------
    ConservationError
        When the numbers differ, also after counting again.
    """
    rows = read.value()
    if rows == sum(tally.value() for tally in written) + left_out:
        return rows
    rows, out = read.recount(), [tally.recount() for tally in written]
    if rows != sum(out) + left_out:
        places = ", ".join(f"{number} {tally.place}" for tally, number in zip(written, out, strict=True))
        raise ConservationError(
            f"{rows} {read.place}, but {places}, duplicates {left_out}: "
            "do not use what this run has written; the input is as it was."
        )
    return rows
