# SPDX-License-Identifier: Apache-2.0
"""AWS's default quotas that a run meets, each with its source and whether that page could be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

READ: Final = "read, the page or its copy on GitHub"
OTHERS: Final = (
    "cited by others (a listing of quotas, a design); the table of the page itself could not be read"
)
UNREAD: Final = "general knowledge, not verified"


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A default quota of one account in one region."""

    name: str
    value: float
    unit: str
    source: str
    seen: str = READ


_GLUE: Final = "[Glue quotas](https://docs.aws.amazon.com/general/latest/gr/glue.html)"
_STATES: Final = (
    "[Step Functions quotas](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)"
)
_XRAY: Final = "[X-Ray quotas](https://docs.aws.amazon.com/general/latest/gr/xray.html)"

LAMBDA_CONCURRENCY = Quota(
    name="Lambda, concurrent executions",
    value=1_000,
    unit="",
    source="[Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), "
    "[scaling](https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html): 1,000 more every 10 s",
)
START_BUCKET = Quota(
    name="StartExecution, bucket (us-east-1, us-west-2, eu-west-1)", value=1_300, unit="calls", source=_STATES
)
START_RATE = Quota(name="StartExecution, refill there", value=300, unit="calls/s", source=_STATES)
SMALL_START_BUCKET = Quota(
    name="StartExecution, bucket (other regions)", value=800, unit="calls", source=_STATES
)
SMALL_START_RATE = Quota(name="StartExecution, refill there", value=150, unit="calls/s", source=_STATES)
TRANSITION_RATE = Quota(
    name="StateTransition, refill (other regions)", value=500, unit="transitions/s", source=_STATES
)
GLUE_RUNS = Quota(
    name="Glue, concurrent job runs of an account (L-5E4153CA)",
    value=200,
    unit="runs",
    source=f"{_GLUE}; other listings say 50 and 2,000: ask your account",
    seen=OTHERS,
)
GLUE_RUNS_OF_JOB = Quota(
    name="Glue, concurrent runs of one job (L-F574AED9)",
    value=1_000,
    unit="runs",
    source=f"{_GLUE}: the most that MaxConcurrentRuns may be",
    seen=OTHERS,
)
GLUE_DPU = Quota(
    name="Glue, task DPU of an account (L-08F3B322)", value=1_000, unit="DPU", source=_GLUE, seen=OTHERS
)
XRAY_SEGMENTS = Quota(name="X-Ray, segments", value=2_600, unit="segments/s", source=_XRAY, seen=OTHERS)
LOG_CALLS = Quota(
    name="PutLogEvents of an account (other regions)",
    value=1_500,
    unit="calls/s",
    source="[Logs quotas]"
    "(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html); "
    "that a stream has none of its own any more was read in [PutLogEvents]"
    "(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html)",
    seen=UNREAD,
)
S3_WRITES = Quota(
    name="S3, PUT and LIST of a prefix",
    value=3_500,
    unit="requests/s",
    source="[S3 performance](https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html)",
    seen=UNREAD,
)

QUOTAS: Final = (
    LAMBDA_CONCURRENCY,
    START_BUCKET,
    START_RATE,
    SMALL_START_BUCKET,
    SMALL_START_RATE,
    TRANSITION_RATE,
    GLUE_RUNS,
    GLUE_RUNS_OF_JOB,
    GLUE_DPU,
    XRAY_SEGMENTS,
    LOG_CALLS,
    S3_WRITES,
)
