# SPDX-License-Identifier: Apache-2.0
"""Rule 7: amounts of money."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.rejecting import reject
from transforms.values import money

AMOUNTS: Final = ("price", "service_fee")


def convert_currency(rows: DataFrame) -> DataFrame:
    """Read ``$1,234 `` as decimal(12,2), US dollars; null, no amount, or one below zero rejects the row."""
    typed = rows.withColumns({name: fn.expr(money(name)) for name in AMOUNTS})
    invalid = {f"invalid_{name}": f"{name} IS NULL" for name in AMOUNTS}
    return reject(typed, invalid | {f"negative_{name}": f"{name} < 0" for name in AMOUNTS})
