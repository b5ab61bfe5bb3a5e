# SPDX-License-Identifier: Apache-2.0
"""Limits by hand, and the page's tables that follow from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.nightly.scale.deployment import Deployment
from tests.nightly.scale.limits import limits
from tests.nightly.scale.page import PAGE, computed, replaced
from tests.nightly.scale.prices import hour


def rate(deployment: Deployment, name: str) -> float | None:
    """Return at which rate a limit binds; None where there is none."""
    return next((limit.runs_per_hour for limit in limits(deployment) if limit.name == name), None)


def test_the_runs_of_a_job_bind_first() -> None:
    first, second, *_ = limits(Deployment())
    assert (first.name, first.runs_per_hour) == ("`MaxConcurrentRuns`", 50 * 30)  # one in two minutes each
    assert (second.name, second.runs_per_hour) == ("Glue runs of the account", 200 * 15)  # two jobs


def test_every_worker_holds_an_address_for_an_hour_and_its_run() -> None:
    found = rate(Deployment(), "subnet addresses")
    assert found == pytest.approx(16_379 / 4 / (62 / 60))


def test_without_a_vpc_there_is_neither_address_nor_collector() -> None:
    without = Deployment(collector_tasks=0)
    assert rate(without, "subnet addresses") is None
    assert rate(without, "collector CPU") is None
    assert rate(without, "X-Ray segments") == rate(Deployment(), "X-Ray segments")


def test_a_tenth_of_the_traces_is_a_tenth_of_the_segments() -> None:
    by_hand = 2_600 * 3_600 / (2 * 42 + 5)  # 40,000 bytes are 42 documents of 950
    assert rate(Deployment(), "X-Ray segments") == pytest.approx(by_hand)
    assert rate(Deployment(sampling=0.1), "X-Ray segments") == pytest.approx(10 * by_hand)


def test_nothing_traced_meets_no_limit_of_traces() -> None:
    assert rate(Deployment(sampling=0), "X-Ray segments") is None
    assert rate(Deployment(sampling=0), "collector CPU") is None


def test_a_second_task_takes_as_much_again() -> None:
    one, two = (rate(Deployment(collector_tasks=tasks), "collector CPU") for tasks in (1, 2))
    assert one is not None
    assert two == pytest.approx(2 * one)


def test_the_price_of_an_hour_by_hand() -> None:
    parts = hour(Deployment(), runs=1_000)
    assert parts["Glue"] == pytest.approx(58.67, abs=0.01)  # docs/cost.md, "1,000 runs"
    assert parts["metrics"] == pytest.approx(50 * 0.30 / 730)
    each_run = hour(replace(Deployment(), metrics_run_id=True), runs=1_000)
    assert each_run["metrics"] == pytest.approx(1_001 * 50 * 0.30 / 730)


def test_the_page_has_these_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == computed(page), "docs/scale.md is out of date: run `make scale`"


def test_a_page_without_a_table_s_marks_says_what_to_add() -> None:
    with pytest.raises(ValueError, match="no marks of limits: add <!-- limits"):
        replaced("# At 10,000 runs an hour\n", "limits", "")
