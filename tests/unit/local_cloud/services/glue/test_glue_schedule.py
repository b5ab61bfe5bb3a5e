# SPDX-License-Identifier: Apache-2.0
"""Scheduled triggers: when they are due, and that they fire again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local_cloud.emulator import ApiError, service
from local_cloud.services.glue.workflows import triggers as module
from local_cloud.services.glue.workflows.schedule import Schedule, next_time
from local_cloud.services.glue.workflows.triggers import Triggers

_SECONDS = 30.0
_NOON = 43200.0  # seconds after the epoch began


def test_a_cron_expression_has_a_next_time() -> None:
    assert next_time("cron(0 12 * * ? *)", after=0.0) == _NOON
    assert next_time("cron(0 12 * * ? *)", after=_NOON) == _NOON + 24 * 3600
    assert next_time("cron(0 12 1 1 ? 1999)", after=time.time()) is None


@pytest.mark.parametrize("expression", ["", "rate(5 minutes)", "cron(0 12 * *)"])
def test_glue_takes_cron_expressions_alone(expression: str) -> None:
    with pytest.raises(ApiError, match="no cron expression"):
        next_time(expression, after=0.0)


def test_the_earliest_is_called_first_though_it_came_last() -> None:
    called: list[str] = []
    both = threading.Semaphore(0)

    def call(name: str) -> None:
        called.append(name)
        both.release()

    schedule, now = Schedule(), time.time()
    schedule.at(now + 0.2, lambda: call("late"))
    schedule.at(now - 1.0, lambda: call("early"))
    assert both.acquire(timeout=_SECONDS) and both.acquire(timeout=_SECONDS)
    assert called == ["early", "late"]


class Runs:
    """Notes which jobs were started."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.twice = threading.Event()

    def start(self, job: dict[str, Any], request: dict[str, Any]) -> None:
        self.started.append(request["TriggerName"])
        if len(self.started) == 2:
            self.twice.set()


@pytest.fixture
def trigger() -> Iterator[dict[str, Any]]:
    glue = service("glue")
    glue._jobs["nightly"] = {"Name": "nightly"}
    glue._triggers["at-night"] = {
        "Name": "at-night",
        "Type": "SCHEDULED",
        "State": "ACTIVATED",
        "Schedule": "cron(0 12 * * ? *)",
        "Actions": [{"JobName": "nightly"}],
    }
    yield glue._triggers["at-night"]
    del glue._jobs["nightly"], glue._triggers["at-night"]


def test_a_scheduled_trigger_fires_each_time_until_it_is_deactivated(
    trigger: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: Any = Runs()
    times = iter([0.0, 0.0])  # due at once, twice; then never again
    monkeypatch.setattr(module, "next_time", lambda *_: next(times, None))
    triggers = Triggers(runs)
    triggers.start(trigger)
    assert runs.twice.wait(_SECONDS)
    assert runs.started == ["at-night", "at-night"]
    trigger["State"] = "DEACTIVATED"
    (plan,) = triggers._plans.values()
    triggers._on_time("at-night", trigger["Schedule"], plan)
    assert len(runs.started) == 2


def test_a_trigger_that_is_activated_twice_fires_once(
    trigger: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[Any] = []
    runs: Any = Runs()
    triggers = Triggers(runs)
    monkeypatch.setattr(triggers._schedule, "at", lambda when, call: planned.append(call))
    triggers.start(trigger)
    triggers.start(trigger)
    for call in planned.copy():
        call()
    assert runs.started == ["at-night"]
