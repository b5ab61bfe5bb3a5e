# SPDX-License-Identifier: Apache-2.0
"""What the page compares: settings, and uploads that are simulated."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.nightly.scale.deployment import Deployment
from tests.nightly.scale.uploads import poisson

RUNS: Final = 10_000

DEFAULT: Final = Deployment()
RAISED: Final = replace(DEFAULT, concurrent_runs=400, account_runs=1_000, account_dpu=2_000)
RAISED_TEXT: Final = "`-c glue_concurrent_runs=400`, quotas 1,000 runs, 2,000 DPU"
WITHOUT: Final = replace(RAISED, collector_tasks=0, metrics=False)

SETTINGS: Final = {
    "default": DEFAULT,
    "`-c trace_sampling_rate=0.1`": replace(DEFAULT, sampling=0.1),
    "`-c collector_tasks=2`": replace(DEFAULT, collector_tasks=2),
    "`--share_bytes 120000`": replace(DEFAULT, share_bytes=120_000),
    "`-c collector=none` (direct)": replace(DEFAULT, collector_tasks=0, metrics=False),
    "`-c metrics=disabled`": replace(DEFAULT, metrics=False),
    "`-c metrics_run_id=enabled`": replace(DEFAULT, metrics_run_id=True),
    "`-c glue_number_of_workers=10`": replace(DEFAULT, workers=10),
    "jobs of one minute": replace(DEFAULT, job_s=60),
    "jobs of ten minutes": replace(DEFAULT, job_s=600),
    "`-c glue_concurrent_runs=100`": replace(DEFAULT, concurrent_runs=100),
    RAISED_TEXT: RAISED,
    f"{RAISED_TEXT}, `-c collector=none`": WITHOUT,
}

HOUR: Final = poisson(RUNS, per_hour=RUNS)
BURST: Final = [0.0] * RUNS

SIMULATED: Final = {
    "default, in an hour": (DEFAULT, HOUR),
    "default, at once": (DEFAULT, BURST),
    "default, at once, other region": (replace(DEFAULT, large_region=False), BURST),
    f"{RAISED_TEXT}, in an hour": (RAISED, HOUR),
    f"{RAISED_TEXT}, at once": (RAISED, BURST),
    "the same without a VPC (`-c collector=none`), in an hour": (WITHOUT, HOUR),
    "the same without a VPC, at once": (WITHOUT, BURST),
}
