# SPDX-License-Identifier: Apache-2.0
"""What one run takes: recorded facts of this project where there are any, assumptions where not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xray_helper.settings import Settings as JobSettings


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quantity of a run."""

    name: str
    value: float
    unit: str
    source: str


JOBS: Final = 2
STATE_TIMEOUT_S: Final = 14_400  # TimeoutSeconds of a job's state: its wait and its run (pipeline.asl.json)
ADDRESS_PAUSE_S: Final = 300  # "Wait for Addresses" there
ADDRESS_WAITS: Final = 12  # "Lacks Addresses" there
END_BUDGET_S: Final = JobSettings.end_budget_s
LAMBDA_RETRIES: Final = 2  # stacks/ingestion.py
LAMBDA_PAUSES_S: Final = (60, 120)  # Lambda's own, before the first and the second retry of an event
START_ATTEMPTS: Final = 3  # lambda/start_pipeline/step_functions.py
SDK_FIRST_PAUSE_S: Final = 1.0  # botocore's standard mode: a random part of 1, 2, 4 ... s

JOB_S = Figure(name="a job's run", value=120, unit="s", source="assumed, as in [cost](cost.md#1000-runs)")
FUNCTION_S = Figure(
    name="the function", value=1, unit="s", source="assumed: a cold start and one StartExecution"
)
ADDRESS_S = Figure(
    name="an address behind a run",
    value=3_600,
    unit="s",
    source="[what AWS refuses](decisions/aws-rules.md), `network_interfaces`",
)
ADDRESSES = Figure(
    name="addresses of the jobs' subnet",
    value=16_379,
    unit="",
    source="/18 less AWS's five, `glue_tracing/collector/network.py`",
)
DOCUMENT_BYTES = Figure(
    name="a segment document",
    value=950,
    unit="bytes",
    source="`tests/nightly/load/jobs.py`; a demo's 53 documents of both jobs had 963 on average",
)
SHARE_BYTES = Figure(
    name="segments of a job, at most",
    value=JobSettings.share_bytes,
    unit="bytes",
    source="default of [`--share_bytes`](reference.md); what is above is left out and counted",
)
AWS_SEGMENTS = Figure(
    name="segments of Lambda, Step Functions and Glue",
    value=5,
    unit="",
    source="a demo's trace (`build/demo/trace.json`); that they count in the quota is assumed",
)
TRANSITIONS = Figure(name="state transitions", value=4, unit="", source="[cost](cost.md#1000-runs)")
SPAN_CPU_S = Figure(
    name="the collector's CPU for a span",
    value=85e-6,
    unit="s",
    source="[measured](collector.md#load), the highest of three loads",
)
TASK_VCPU = Figure(
    name="a collector task", value=0.25, unit="vCPU", source="`glue_tracing/collector/collector.py`"
)
METRIC_CALLS = Figure(
    name="PutLogEvents for metrics",
    value=JOBS,
    unit="",
    source="a job sends its metrics once, the collector does not batch them (its configuration)",
)
SERIES = Figure(name="metric series", value=50, unit="", source="[cost](cost.md); not more with more runs")
S3_PUTS = Figure(
    name="PUT and LIST of S3",
    value=100,
    unit="",
    source="[cost](cost.md#1000-runs); on one prefix, which is the worst",
)
LOG_BYTES = Figure(name="logs", value=1_000_000, unit="bytes", source="[cost](cost.md#1000-runs), assumed")

FIGURES: Final = (
    JOB_S,
    FUNCTION_S,
    ADDRESSES,
    ADDRESS_S,
    SHARE_BYTES,
    DOCUMENT_BYTES,
    AWS_SEGMENTS,
    TRANSITIONS,
    SPAN_CPU_S,
    TASK_VCPU,
    METRIC_CALLS,
    SERIES,
    S3_PUTS,
    LOG_BYTES,
)
