# SPDX-License-Identifier: Apache-2.0
"""A comparison that tells both sides, also outside of pytest."""

from __future__ import annotations


def same(what: str, observed: object, expected: object) -> None:
    """Raise unless both are equal."""
    assert observed == expected, f"{what}: {observed!r}, expected {expected!r}"


def words(count: int, thing: str) -> str:
    """Return ``1 alarm`` or ``2 alarms``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
