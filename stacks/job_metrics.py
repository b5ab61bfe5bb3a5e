# SPDX-License-Identifier: Apache-2.0
"""The jobs' own metrics, as the collector's awsemf exporter writes them (docs/metrics.md lists them)."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
import aws_cdk.aws_cloudwatch as cloudwatch

METER = "xray_helper"  # the exporter makes the meter's name a dimension, OTelLib, of every metric


def namespace(stack: cdk.Stack) -> str:
    """Each deployment has its own."""
    return stack.stack_name


def job_metric(
    stack: cdk.Stack,
    name: str,
    tags: Mapping[str, str],
    *,
    statistic: str = "Sum",
    period: cdk.Duration | None = None,
    label: str | None = None,
) -> cloudwatch.Metric:
    """One series: a name with all its tags, no more and no fewer.

    Examples
    --------
    >>> job_metric(cdk.Stack(cdk.App()), "job.rows", {"outcome": "read"}).metric_name
    'job.rows'
    """
    return cloudwatch.Metric(
        namespace=namespace(stack),
        metric_name=name,
        dimensions_map={"OTelLib": METER, **tags},
        statistic=statistic,
        period=period or cdk.Duration.minutes(5),
        label=label,
    )
