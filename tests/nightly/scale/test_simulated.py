# SPDX-License-Identifier: Apache-2.0
"""The table of simulations in docs/scale.md, made anew."""

from __future__ import annotations

from tests.nightly.scale.page import PAGE, simulated


def test_the_page_has_what_the_simulations_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == simulated(page), "docs/scale.md is out of date: run `make scale`"
