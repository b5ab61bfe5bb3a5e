# SPDX-License-Identifier: Apache-2.0
"""A job's spans at its end: through the collector, else directly, else into a file; as delivery.py has it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from tests.nightly.scale import figures

if TYPE_CHECKING:
    import simpy

    from tests.nightly.scale.world import World

_COLLECTOR_S = figures.END_BUDGET_S * 0.4  # xray_helper/export/delivery.py
_XRAY_S = (figures.END_BUDGET_S - _COLLECTOR_S) * 0.6


def deliver(world: World) -> Generator[simpy.Event, object, None]:
    """Send the spans of one job and count where they went."""
    number = world.deployment.spans_of_job
    way = "file"
    if world.collector is not None and (yield from _through_collector(world, number)):
        way = "collector"
    elif (yield from _put(world, number, _XRAY_S)):
        way = "x-ray"
    world.outcome.spans[way] += number


def _through_collector(world: World, number: int) -> Generator[simpy.Event, object, bool]:
    """Wait for a task to take the spans, and for X-Ray to take them from it: the collector keeps none."""
    assert world.collector is not None
    deadline = world.env.now + _COLLECTOR_S
    with world.collector.request() as task:
        if not task.triggered:
            yield task | world.env.timeout(_COLLECTOR_S)
        if not task.triggered:
            return False
        yield world.env.timeout(number / world.deployment.task_spans_per_s)
    return (yield from _put(world, number, deadline - world.env.now))


def _put(world: World, number: int, seconds: float) -> Generator[simpy.Event, object, bool]:
    """Put segments as soon as X-Ray's rate lets them in; give up after ``seconds``."""
    deadline = world.env.now + seconds
    while not world.xray.take(number):
        wait = world.xray.seconds_until(number) + 1e-6
        if world.env.now + wait > deadline:
            return False
        yield world.env.timeout(wait)
    world.outcome.segments[int(world.env.now)] += number
    return True
