# SPDX-License-Identifier: Apache-2.0
"""Rule 11: dates of the last review that cannot be true become the median of those that can."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.errors import InputError
from transforms.fields import FOR_DATE, NO_DATE
from transforms.rejecting import IS_LEFT
from transforms.rules import Rule
from transforms.values import day

#: why there is no date, each with its condition; the first that is true counts
REASONS: Final = {
    "missing": "{text} IS NULL",
    "unreadable": "last_review IS NULL",
    "in_future": "last_review > DATE '{run_date}'",
    "before_construction": "NOT coalesce(year(last_review) >= construction_year, false)",
}
EXAMPLES: Final = 3
MAX_EXAMPLE: Final = 40  # characters of each


def read_dates(run_date: date) -> Rule:
    """Read ``last_review``, and keep its text; whatever stands there, it rejects no row."""
    return Rule(columns={FOR_DATE: "last_review", "last_review": day("last_review", run_date)})


def keep_valid_dates(rows: DataFrame, run_date: date) -> DataFrame:
    """Leave null where no date can be true, with the reason and the text beside it; see ``read_dates``."""
    whens = (
        f"WHEN {condition.format(text=FOR_DATE, run_date=run_date)} THEN '{reason}'"
        for reason, condition in REASONS.items()
    )
    judged = rows.withColumn(NO_DATE, fn.expr(f"CASE {' '.join(whens)} END"))
    valid = f"{NO_DATE} IS NULL"
    return judged.withColumns(
        {
            "last_review": fn.expr(f"CASE WHEN {valid} THEN last_review END"),
            FOR_DATE: fn.expr(f"CASE WHEN NOT {valid} THEN {FOR_DATE} END"),
        }
    )


def median_date() -> str:
    """Aggregate for the exact median of the valid dates: a whole day, rounded down; null without any."""
    middle = "percentile(unix_date(last_review), 0.5D)"
    return f"date_from_unix_date(CAST(floor({middle}) AS int)) AS last_review"


def replaced_dates() -> list[str]:
    """Return aggregates that count the dates which become the median, each named as its reason."""
    return [f"count_if({NO_DATE} = '{reason}') AS {reason}" for reason in REASONS]


def check_replaced(
    rows: DataFrame, replaced: Mapping[str, int], *, clean: int, max_percent: float, uri: str
) -> None:
    """Make sure that not too many dates become the median: more likely they are written in another way.

    Parameters
    ----------
    rows
        As ``keep_valid_dates`` has read them; looked at only when there are too many, for examples.
    replaced
        Reason -> dates that become the median.
    clean
        Rows that are left.

    Raises
    ------
    InputError
        When more than ``max_percent`` of the rows that are left have such a date.
    """
    number = sum(replaced.values())
    if number * 100 <= max_percent * clean:
        return
    reasons = ", ".join(f"{count} {reason}" for reason, count in replaced.items())
    raise InputError(
        f"{uri} has {number} of {clean} dates in last_review that would become the median ({reasons}), more "
        f"than --max_replaced_percent {max_percent:g} allows, such as {_examples(rows)}: "
        "write them as M/d/yyyy or YYYY-MM-DD, or allow more."
    )


def _examples(rows: DataFrame) -> str:
    """Return the most frequent texts without a date, each with the smallest id that has it."""
    bad = rows.where(f"{IS_LEFT} AND {NO_DATE} IS NOT NULL").groupBy(NO_DATE, FOR_DATE)
    found = bad.agg(fn.expr("count(1) AS times"), fn.expr("min(id) AS id"))
    shown = found.orderBy(fn.desc("times"), "id").limit(EXAMPLES).collect()
    return ", ".join(f"{_quoted(row[FOR_DATE])} (id {row['id']}, {row[NO_DATE]})" for row in shown)


def _quoted(text: str | None) -> str:
    if text is None:
        return "an empty one"
    return repr(text if len(text) <= MAX_EXAMPLE else text[: MAX_EXAMPLE - 1] + "…")


def fill_dates(rows: DataFrame, median: date | None) -> DataFrame:
    """Put the median where there is no valid date."""
    literal = f"DATE '{median}'" if median else "NULL"
    return rows.withColumn("last_review", fn.expr(f"coalesce(last_review, {literal})"))
