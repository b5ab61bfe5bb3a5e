# SPDX-License-Identifier: Apache-2.0
"""An upload's way through the simulated account: event, function, execution, two jobs, their spans."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterable

import simpy

from tests.nightly.scale import figures
from tests.nightly.scale.deployment import Deployment
from tests.nightly.scale.outcome import Outcome
from tests.nightly.scale.spans import deliver
from tests.nightly.scale.world import SEED, World

Steps = Generator[simpy.Event, object, None]
SPREAD = 0.25  # a job takes its time, a quarter more or less


def simulate(deployment: Deployment, uploads: Iterable[float]) -> Outcome:
    """Let files be uploaded at these seconds and follow each until nothing happens any more."""
    world = World(deployment)
    for at in uploads:
        world.env.process(_upload(world, at))
    world.env.run()
    return world.outcome


def poisson(number: int, *, per_hour: float) -> list[float]:
    """Return the seconds of uploads that come independently of each other."""
    chance = random.Random(SEED)  # noqa: S311 - a simulation
    at, times = 0.0, []
    for _ in range(number):
        at += chance.expovariate(per_hour / 3_600)
        times.append(at)
    return times


def _upload(world: World, at: float) -> Steps:
    env, outcome = world.env, world.outcome
    yield env.timeout(at)
    for attempt in range(figures.LAMBDA_RETRIES + 1):
        with world.functions.request() as slot:
            yield slot
            yield env.timeout(figures.FUNCTION_S.value)
            for tries in range(figures.START_ATTEMPTS):
                if world.starts.take():
                    outcome.started_s.append(env.now - at)
                    env.process(_execution(world))
                    return
                if tries < figures.START_ATTEMPTS - 1:
                    yield env.timeout(world.random.random() * figures.SDK_FIRST_PAUSE_S * 2**tries)
        if attempt < figures.LAMBDA_RETRIES:
            outcome.retried_events += 1
            yield env.timeout(figures.LAMBDA_PAUSES_S[attempt])
    outcome.runs["dead_letter"] += 1


def _execution(world: World) -> Steps:
    env, outcome = world.env, world.outcome
    is_traced = world.random.random() < world.deployment.sampling
    began, waits = env.now, 0
    for job in world.jobs:
        while (fate := (yield from _job(world, job, is_traced, began))) == "no_address":
            waits += 1  # for both jobs together
            if waits > figures.ADDRESS_WAITS:
                break
            yield env.timeout(figures.ADDRESS_PAUSE_S)
        if fate != "succeeded":
            break
    outcome.runs[fate] += 1
    outcome.last_s = env.now


def _job(
    world: World, job: simpy.Resource, is_traced: bool, began: float
) -> Generator[simpy.Event, object, str]:
    """Run a job once, as soon as there is room; return what became of it."""
    env = world.env
    too_late = env.timeout(figures.STATE_TIMEOUT_S - world.deployment.job_s)
    with job.request() as place:
        if not place.triggered:
            yield place | too_late
        if not place.triggered:
            return "timed_out"
        with world.account.request() as share:
            if not share.triggered:
                yield share | too_late
            if not share.triggered:
                return "timed_out"
            return (yield from _run(world, job, is_traced, began))


def _run(
    world: World, job: simpy.Resource, is_traced: bool, began: float
) -> Generator[simpy.Event, object, str]:
    if not world.take_addresses():
        return "no_address"
    if job is world.jobs[0]:
        world.outcome.waited_s.append(world.env.now - began)
    yield world.env.timeout(world.deployment.job_s * world.random.uniform(1 - SPREAD, 1 + SPREAD))
    world.give_addresses_back()
    if is_traced:
        yield from deliver(world)
    return "succeeded"
