# SPDX-License-Identifier: Apache-2.0
"""What a deployment may set that moves a limit."""

from __future__ import annotations

from dataclasses import dataclass

from tests.nightly.scale import figures, quotas


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Settings of the stack and quotas of the account, G.1X workers.

    The stack's defaults are repeated here, without the CDK, which takes seconds to load:
    tests/integration/stacks/test_scale.py holds them against the template.

    Parameters
    ----------
    concurrent_runs
        MaxConcurrentRuns of each job.
    workers
        Of each job; a G.1X worker is a DPU and takes an address.
    collector_tasks
        0: none, and then no VPC: the jobs write to X-Ray themselves and take no address.
    """

    concurrent_runs: int = 50
    workers: int = 2
    collector_tasks: int = 1
    sampling: float = 1.0
    share_bytes: float = figures.SHARE_BYTES.value
    metrics: bool = True
    metrics_run_id: bool = False
    large_region: bool = True
    account_runs: float = quotas.GLUE_RUNS.value
    account_dpu: float = quotas.GLUE_DPU.value
    job_s: float = figures.JOB_S.value

    @property
    def spans_of_job(self) -> int:
        """How many spans a traced job sends that fills its share of the trace."""
        return int(self.share_bytes // figures.DOCUMENT_BYTES.value)

    @property
    def task_spans_per_s(self) -> float:
        """What one collector task takes."""
        return figures.TASK_VCPU.value / figures.SPAN_CPU_S.value

    @property
    def has_addresses(self) -> bool:
        """Whether the jobs run in a VPC."""
        return self.collector_tasks > 0

    @property
    def start_bucket(self) -> tuple[float, float]:
        """Size and refill per second of StartExecution's token bucket."""
        if self.large_region:
            return quotas.START_BUCKET.value, quotas.START_RATE.value
        return quotas.SMALL_START_BUCKET.value, quotas.SMALL_START_RATE.value
