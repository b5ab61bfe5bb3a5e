# SPDX-License-Identifier: Apache-2.0
"""Rule 7: amounts of money."""

from __future__ import annotations

from typing import Final

from transforms.rules import Rule
from transforms.values import money

AMOUNTS: Final = ("price", "service_fee")

#: ``$1,234 `` as decimal(12,2), US dollars; null, no amount, or one below zero rejects the row
CONVERT_CURRENCY: Final = Rule(
    columns={name: money(name) for name in AMOUNTS},
    reasons={
        **{f"invalid_{name}": f"{name} IS NULL" for name in AMOUNTS},
        **{f"negative_{name}": f"{name} < 0" for name in AMOUNTS},
    },
)
