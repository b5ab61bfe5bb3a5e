# SPDX-License-Identifier: Apache-2.0
"""The services that runs share, in simulated time."""

from __future__ import annotations

import random

import simpy

from tests.nightly.scale import figures, quotas
from tests.nightly.scale.buckets import TokenBucket
from tests.nightly.scale.deployment import Deployment
from tests.nightly.scale.outcome import Outcome

SEED = 20


class World:
    """One account, empty at first.

    Glue serves its queue in the order of arrival: that is assumed, and that nothing but the state machine's
    timeout ends a wait there (Glue's page of states names no longest wait of a queued run).
    """

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.env = env = simpy.Environment()
        self.random = random.Random(SEED)  # noqa: S311 - a simulation
        self.outcome = Outcome()
        self.functions = simpy.Resource(env, int(quotas.LAMBDA_CONCURRENCY.value))
        size, rate = deployment.start_bucket
        self.starts = TokenBucket(env, size=size, rate=rate)
        self.jobs = [simpy.Resource(env, deployment.concurrent_runs) for _ in range(figures.JOBS)]
        runs = min(deployment.account_runs, deployment.account_dpu // deployment.workers)
        self.account = simpy.Resource(env, int(runs))  # whichever of runs and DPU is short
        self.free_addresses = int(figures.ADDRESSES.value)
        tasks = deployment.collector_tasks
        self.collector = simpy.Resource(env, tasks) if tasks else None
        segments = quotas.XRAY_SEGMENTS.value
        self.xray = TokenBucket(env, size=segments, rate=segments)  # of its bucket's size nothing is known

    def take_addresses(self) -> bool:
        """Take an address for each worker of a job, if there are any left."""
        if not self.deployment.has_addresses:
            return True
        if self.free_addresses < self.deployment.workers:
            return False
        self.free_addresses -= self.deployment.workers
        return True

    def give_addresses_back(self) -> None:
        """Free them when Glue has removed the interfaces, an hour behind the run."""
        if self.deployment.has_addresses:
            later = self.env.timeout(figures.ADDRESS_S.value)
            assert later.callbacks is not None
            later.callbacks.append(self._free)

    def _free(self, _: simpy.Event) -> None:
        self.free_addresses += self.deployment.workers
