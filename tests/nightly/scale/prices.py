# SPDX-License-Identifier: Apache-2.0
"""What an hour costs, with the prices of docs/cost.md, if every run of it succeeds."""

from __future__ import annotations

from stacks import cost
from tests.nightly.scale import figures
from tests.nightly.scale.deployment import Deployment

S3_RUN = 0.54 / 1_000  # docs/cost.md, "1,000 runs"
TRANSITION = 0.025 / 1_000
TRACE = 5e-6
LOG_GB = 0.50
TASK_HOUR = (0.25 * cost.ARM_VCPU_HOUR + 0.5 * cost.ARM_GB_HOUR) * cost.SPOT_SHARE + cost.IPV4_HOUR


def hour(deployment: Deployment, *, runs: int) -> dict[str, float]:
    """Return US dollars by what they are for."""
    d = deployment
    is_measured = d.metrics and d.collector_tasks > 0
    series = figures.SERIES.value * ((runs if d.metrics_run_id else 0) + 1) if is_measured else 0
    endpoint = cost.ENDPOINT_HOUR if d.collector_tasks else 0
    return {
        "Glue": runs * figures.JOBS * cost.glue_run(d.workers, d.job_s),
        "S3": runs * S3_RUN,
        "logs": runs * figures.LOG_BYTES.value / 1e9 * LOG_GB,
        "Step Functions": runs * figures.TRANSITIONS.value * TRANSITION,
        "X-Ray": runs * d.sampling * TRACE,
        "metrics": series * cost.METRIC_MONTH / cost.HOURS,
        "collector": d.collector_tasks * TASK_HOUR + endpoint,
    }
