# SPDX-License-Identifier: Apache-2.0
"""At which steady rate of runs each limit binds: what there is, over what a run takes and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from tests.nightly.scale import figures, quotas
from tests.nightly.scale.deployment import Deployment

HOUR_S = 3_600


@dataclass(frozen=True)
class Limit:
    """A limit, the runs an hour at which it binds, and how that follows."""

    name: str
    runs_per_hour: float
    how: str


def limits(deployment: Deployment) -> list[Limit]:
    """Return every limit of a deployment, the first to bind first."""
    found = [*_starting(deployment), *_running(deployment), *_telling(deployment)]
    return sorted(found, key=lambda limit: limit.runs_per_hour)


def _starting(d: Deployment) -> list[Limit]:
    rate = d.start_bucket[1]
    concurrency, transitions = quotas.LAMBDA_CONCURRENCY.value, quotas.TRANSITION_RATE.value
    return [
        Limit(
            "Lambda concurrency",
            concurrency / figures.FUNCTION_S.value * HOUR_S,
            f"{concurrency:,.0f} ÷ {figures.FUNCTION_S.value:.0f} s",
        ),
        Limit("StartExecution", rate * HOUR_S, f"{rate:.0f}/s"),
        Limit(
            "StateTransition",
            transitions / figures.TRANSITIONS.value * HOUR_S,
            f"{transitions:.0f}/s ÷ {figures.TRANSITIONS.value:.0f}",
        ),
    ]


def _running(d: Deployment) -> list[Limit]:
    both = figures.JOBS * d.job_s
    found = [
        Limit(
            "`MaxConcurrentRuns`",
            d.concurrent_runs / d.job_s * HOUR_S,
            f"{d.concurrent_runs} ÷ {d.job_s:.0f} s",
        ),
        Limit(
            "Glue runs of the account",
            d.account_runs / both * HOUR_S,
            f"{d.account_runs:,.0f} ÷ {figures.JOBS} jobs x {d.job_s:.0f} s",
        ),
        Limit(
            "Glue DPU of the account",
            d.account_dpu / (both * d.workers) * HOUR_S,
            f"{d.account_dpu:,.0f} ÷ {figures.JOBS} x {d.workers} DPU x {d.job_s:.0f} s",
        ),
        Limit("S3, one prefix", quotas.S3_WRITES.value / figures.S3_PUTS.value * HOUR_S, "3,500/s ÷ 100"),
    ]
    if d.has_addresses:
        held = d.job_s + figures.ADDRESS_S.value
        number = figures.JOBS * d.workers
        found.append(
            Limit(
                "subnet addresses",
                figures.ADDRESSES.value / (number * held) * HOUR_S,
                f"{figures.ADDRESSES.value:,.0f} ÷ {number} x {held:,.0f} s",
            )
        )
    return found


def _telling(d: Deployment) -> list[Limit]:
    found = []
    spans = figures.JOBS * d.spans_of_job * d.sampling
    segments = spans + figures.AWS_SEGMENTS.value * d.sampling
    if segments:
        quota = quotas.XRAY_SEGMENTS.value
        found.append(Limit("X-Ray segments", quota / segments * HOUR_S, f"{quota:,.0f}/s ÷ {segments:.0f}"))
    if spans and d.collector_tasks:
        rate = d.collector_tasks * d.task_spans_per_s
        found.append(Limit("collector CPU", rate / spans * HOUR_S, f"{rate:,.0f} spans/s ÷ {spans:.0f}"))
    if d.metrics and d.collector_tasks:
        calls = quotas.LOG_CALLS.value
        found.append(
            Limit("PutLogEvents", calls / figures.METRIC_CALLS.value * HOUR_S, f"{calls:,.0f}/s ÷ 2")
        )
    return found
