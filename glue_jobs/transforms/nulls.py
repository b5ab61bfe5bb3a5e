# SPDX-License-Identifier: Apache-2.0
"""Rule 5: what stands where nothing was given."""

from __future__ import annotations

from typing import Final

from transforms.rules import Rule

DEFAULTS: Final = {
    "house_rules": "Blank",
    "host_name": "Blank",
    "name": "Blank",
    "country": "United States",
    "host_identity_verified": "unconfirmed",
    "instant_bookable": "true",
    "cancellation_policy": "moderate",
}

FILL_NULLS: Final = Rule(columns={name: f"coalesce({name}, '{text}')" for name, text in DEFAULTS.items()})
