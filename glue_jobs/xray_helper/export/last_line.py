# SPDX-License-Identifier: Apache-2.0
"""The last line of a traced job: what became of its trace, and how to look at it."""

from __future__ import annotations

import logging
import os
import sys
from typing import Final

from xray_helper.error_boundary import LOGGER
from xray_helper.export.delivery import DeliveryReport

_REGION_VARIABLES: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
_ENDPOINT_VARIABLES: Final = ("AWS_ENDPOINT_URL_XRAY", "AWS_ENDPOINT_URL")
# AWS documentation, "Service endpoints" of the partitions: the console's domain by the region's first letters
_DOMAINS: Final = {"cn-": "amazonaws.cn", "us-gov-": "amazonaws-us-gov.com"}


def say(trace_id: str, report: DeliveryReport, *, seconds: float) -> None:
    """Write the line to the log; to stderr where nobody has set up logging and it would not be seen."""
    where = "".join(f"; {one}" for one in _next_steps(trace_id, report))
    line = f"Trace {trace_id}: {report} in {seconds:.2f} s{where}"
    if report.errors or report.dropped:
        LOGGER.warning("%s", line)
    elif LOGGER.level == logging.NOTSET and not LOGGER.hasHandlers() and report.sent:
        if sys.stderr is not None:  # closed; print() would write to stdout
            print(line, file=sys.stderr)
    else:
        LOGGER.info("%s", line)


def console_url(trace_id: str) -> str | None:
    """Return the trace's page in the console; None where the region is unknown, or X-Ray is not AWS's own."""
    region = next(filter(None, map(os.environ.get, _REGION_VARIABLES)), None) or _configured_region()
    if not region or any(map(os.environ.get, _ENDPOINT_VARIABLES)):
        return None
    domain = next((name for start, name in _DOMAINS.items() if region.startswith(start)), "aws.amazon.com")
    return f"https://{region}.console.{domain}/cloudwatch/home?region={region}#xray:traces/{trace_id}"


def _next_steps(trace_id: str, report: DeliveryReport) -> list[str]:
    steps = []
    if report.sent:
        steps = [f"glue-xray view --trace-id {trace_id}", *filter(None, [console_url(trace_id)])]
    if report.errors and report.spilled_to:
        steps.append(f"glue-xray resend {report.spilled_to}")
    return steps


def _configured_region() -> str | None:
    """Read the region of the AWS SDK's configuration, where somebody has imported the SDK."""
    sdk = sys.modules.get("botocore.session")
    region: str | None = sdk.get_session().get_config_variable("region") if sdk else None
    return region
