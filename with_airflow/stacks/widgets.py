# SPDX-License-Identifier: Apache-2.0
"""DAG runs on the dashboard of the main stack, beside the figures of the jobs that they run.

Airflow's metrics come one of two ways: MWAA publishes them by itself, below ``AmazonMWAA``; any other Airflow
sends them to our collector, which puts them below the stack's name. Each graph looks at both.
Names: https://docs.aws.amazon.com/mwaa/latest/userguide/access-metrics-cw.html
and https://airflow.apache.org/docs/apache-airflow/3.0.6/administration-and-deployment/logging-monitoring/metrics.html
"""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_cloudwatch as cloudwatch

from stacks.dashboard import graph
from stacks.job_metrics import job_metric, namespace

METER = "airflow.metrics.otel_logger"  # the exporter makes the meter's name a dimension, OTelLib
PERIOD = 300  # seconds


def airflow_widgets(
    main: cdk.Stack, *, environment: str, job_names: Sequence[str]
) -> list[cloudwatch.IWidget]:
    """Build one row of the dashboard.

    Parameters
    ----------
    main
        The stack that has the dashboard, and whose name is the namespace of the metrics.
    environment
        Name of the MWAA environment.
    job_names
        What the DAG's jobs are called in their own metrics.
    """
    ours = namespace(main)
    runs = [
        *(_mwaa(environment, "DAG", f"DAGDuration{end}") for end in ("Success", "Failed")),
        *(_sent(ours, f"airflow.dagrun.duration.{end}") for end in ("success", "failed")),
    ]
    tasks = [
        _mwaa(environment, "DAG,Task", "TaskInstanceDuration"),
        *(_sent(ours, f"airflow.task.{part}") for part in ("duration", "queued_duration")),
    ]
    jobs = [
        job_metric(
            main, "job.duration", {"job_name": name, "status": status}, statistic="Maximum", label=label
        )
        for name in job_names
        for status, label in (("ok", name), ("failed", f"{name} failed"))
    ]
    return [
        graph("Airflow: duration of a DAG run (ms)", runs),
        graph("Airflow: duration of a task (ms)", tasks),
        graph("Airflow: jobs behind the tasks (s)", jobs),
    ]


def _mwaa(environment: str, dimensions: str, metric: str) -> cloudwatch.SearchExpression:
    schema = ",".join(sorted(["Environment", *dimensions.split(",")]))
    return _search(f'{{AmazonMWAA,{schema}}} MetricName="{metric}" Environment="{environment}"')


def _sent(ours: str, metric: str) -> cloudwatch.SearchExpression:
    """Search without a schema: which tags Airflow gives a metric depends on its version."""
    return _search(f'Namespace="{ours}" OTelLib="{METER}" MetricName="{metric}"')


def _search(terms: str) -> cloudwatch.SearchExpression:
    return cloudwatch.SearchExpression(
        expression=f"SEARCH('{terms}', 'Maximum', {PERIOD})",
        label="",
        period=cdk.Duration.seconds(PERIOD),
    )
