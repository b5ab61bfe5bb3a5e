# SPDX-License-Identifier: Apache-2.0
"""How many rows there are and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.errors import InputError
from transforms.fields import COUNTS, DUPLICATE, REASON
from transforms.review_dates import REASONS, median_date, replaced_dates
from transforms.skewness import medians


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Rows by what became of them, and the medians of those that are left.

    Attributes
    ----------
    clean, duplicate
        Rows.
    rejected
        Reason -> rows, most frequent first.
    medians
        Column -> exact median; None where a column has no value.
    median_date
        Of the valid dates of the last review; None where there is none.
    replaced
        Reason -> dates of the clean rows that become the median; reasons without any are left out.
    """

    clean: int = 0
    duplicate: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    medians: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(COUNTS))
    median_date: date | None = None
    replaced: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows_rejected(self) -> int:
        """Rows rejected for whatever reason."""
        return sum(self.rejected.values())

    @property
    def rows(self) -> int:
        """All rows, however they ended."""
        return self.clean + self.duplicate + self.rows_rejected

    def report(self) -> dict[str, Any]:
        """Return the numbers under the names that the trace and the job's last line give them."""
        return {
            "rows_read": self.rows,
            "rows_clean": self.clean,
            "rows_duplicate": self.duplicate,
            "rows_rejected": self.rows_rejected,
            "rejected_by_reason": dict(self.rejected),
            "dates_replaced_by_reason": dict(self.replaced),
        }


def measure_outcome(rows: DataFrame) -> Outcome:
    """Count the rows of each reason and find the medians, in one Spark job.

    One row per reason comes to the driver, whatever the size of the data.
    """
    aggregates = ("count(1) AS rows", *medians(), median_date(), *replaced_dates())
    groups = rows.groupBy(REASON).agg(*map(fn.expr, aggregates)).collect()
    by_reason = {group[REASON]: group for group in groups}
    counts = {reason: int(group["rows"]) for reason, group in by_reason.items()}
    left = by_reason.get(None)
    clean, duplicate = counts.pop(None, 0), counts.pop(DUPLICATE, 0)
    return Outcome(
        clean=clean,
        duplicate=duplicate,
        rejected=_most_frequent_first(counts),
        medians={name: left[name] if left else None for name in COUNTS},
        median_date=left["last_review"] if left else None,
        replaced=_most_frequent_first({reason: left[reason] for reason in REASONS if left and left[reason]}),
    )


def _most_frequent_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def check_has_rows(outcome: Outcome, uri: str) -> None:
    """Make sure that the object had records.

    Raises
    ------
    InputError
        When there was none; the beginning of the object did not show it.
    """
    if not outcome.rows:
        raise InputError(f"{uri} has no records: only blank lines follow its header.")
