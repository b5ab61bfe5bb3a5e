# SPDX-License-Identifier: Apache-2.0
"""A rule of the data contract as data: what it makes of a row's columns, and why it rejects a row.

The rules of a step are applied together. Spark analyses every new DataFrame, and copies a row between two
projections that it cannot join: one for each rule costs more than what the rules compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.rejecting import reject


class Rule(NamedTuple):
    """One rule; all expressions are SQL, see docs/decisions/sql-text.md.

    Attributes
    ----------
    columns
        Name -> new value, over the columns as they are before the step.
    reasons
        Reason -> condition, over the columns as they are after it; see ``reject``.
    as_read
        Columns whose value before the step conditions need as well, under the name ``_<name>``.

    Examples
    --------
    >>> Rule(columns={"nights": "CAST(nights AS int)"}, reasons={"no_nights": "nights IS NULL"}).as_read
    ()
    """

    columns: Mapping[str, str] = {}
    reasons: Mapping[str, str] = {}
    as_read: tuple[str, ...] = ()


def apply_rules(rows: DataFrame, *rules: Rule) -> DataFrame:
    """Apply the rules of one step; a row is rejected for the first reason that fits, in their order.

    No rule of a step sees what another one of it has computed, but for the conditions, which see it all.
    """
    before = {f"_{name}": name for rule in rules for name in rule.as_read}
    columns = before | {name: value for rule in rules for name, value in rule.columns.items()}
    reasons = {reason: condition for rule in rules for reason, condition in rule.reasons.items()}
    computed = (
        rows.withColumns({name: fn.expr(value) for name, value in columns.items()}) if columns else rows
    )
    checked = reject(computed, reasons) if reasons else computed
    return checked.drop(*before) if before else checked
