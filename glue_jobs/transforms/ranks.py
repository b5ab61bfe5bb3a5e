# SPDX-License-Identifier: Apache-2.0
"""Dense ranks at any size: the rank of a value is found among the distinct values, and joined back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn


def add_dense_rank(
    listings: DataFrame, rank: str, *, by: str, within: Sequence[str] = (), values: DataFrame | None = None
) -> DataFrame:
    """Add a dense rank, the highest value first.

    A window over the listings would bring all of a group to one task, and without groups all of them. There
    are far fewer distinct values: those are ranked, and Spark joins them back by broadcast while they are
    small, else by an exchange.

    Parameters
    ----------
    listings
        Any rows.
    rank
        Name of the new column, an integer.
    by
        Column to rank.
    within
        Columns of the groups; none: one rank over everything.
    values
        Where to read the values to rank, ``listings`` unless given. To be given where ``listings`` has ranks
        already: each of those is a join, which would be run once more to find the same values.
    """
    key = [*within, by]
    source = listings if values is None else values
    # Without any group Spark warns of "moving all data to a single partition"; these are the distinct values.
    groups = ", ".join(f"`{name}`" for name in within) or f"`{by}` IS NULL"
    # Distinct already, so that the number of the row is the dense rank.
    distinct = source.groupBy(*(fn.expr(f"`{name}` AS `_{name}`") for name in key))
    window = f"(PARTITION BY {groups} ORDER BY `{by}` DESC NULLS LAST)"
    ranks = distinct.agg(fn.expr(f"row_number() OVER {window} AS `{rank}`"))
    same = fn.expr(" AND ".join(f"`{name}` <=> `_{name}`" for name in key))
    return listings.join(ranks, on=same, how="inner").drop(*(f"_{name}" for name in key))


def add_property_ranks(listings: DataFrame, columns: Mapping[str, str], *, total: int) -> DataFrame:
    """Add ``"<rank>/<number of listings>"``; from the names of the new columns to those of the ranks."""
    return listings.withColumns(
        {column: fn.expr(f"concat(`{rank}`, '/{total}')") for column, rank in columns.items()}
    )
