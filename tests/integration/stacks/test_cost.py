# SPDX-License-Identifier: Apache-2.0
"""The cost table follows from the templates."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.cost import PAGE, VARIANTS, idle, page_with, table


def test_the_default_by_hand(default: Synthesized) -> None:
    nat, endpoint, addresses, tasks, zone, key, alarms, dashboard = idle(default)
    assert nat == 0
    assert endpoint == pytest.approx(7.30)  # one endpoint in one zone
    assert addresses == pytest.approx(3.65)  # the task's
    assert tasks == pytest.approx(2.1626, abs=1e-3)  # (0.25 x 0.03238 + 0.5 x 0.00356) x 730 x 0.3
    assert (zone, key) == (0.50, 1.00)
    assert alarms == pytest.approx(1.30)  # 13 metrics, docs/metrics.md counts them
    assert dashboard == 3.00


def test_the_default_stays_below_twenty_dollars(default: Synthesized) -> None:
    assert sum(idle(default)) < 20


def test_without_a_collector_by_hand(synth: Callable[..., Synthesized]) -> None:
    *running, key, alarms, dashboard = idle(synth(collector="none", customer_key="none"))
    assert running == [0, 0, 0, 0, 0]  # nothing runs while nobody works
    assert (key, dashboard) == (0, 3.00)
    assert 0 < alarms < 1.30


def test_nat_by_hand(nat: Synthesized) -> None:
    gateway, endpoint, addresses, *_ = idle(nat)
    assert gateway == pytest.approx(32.85)
    assert endpoint == 0
    assert addresses == pytest.approx(3.65)  # the gateway's own; the task has none


def test_the_table_in_the_page_is_that_of_the_templates(synth: Callable[..., Synthesized]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    costs = {name: idle(synth(**context)) for name, context in VARIANTS.items()}
    assert page == page_with(page, table(costs)), (
        "docs/cost.md differs from the templates: run python -m tests.integration.stacks.cost"
    )
