# SPDX-License-Identifier: Apache-2.0
"""One CloudWatch dashboard: what ran, how long, what became of the rows, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.job_metrics import METER, job_metric, namespace
from stacks.settings import Settings
from stacks.sources import Sources

WIDTH, HEIGHT = 8, 6  # units; a dashboard is 24 wide
# USD per hour in us-east-1, https://aws.amazon.com/glue/pricing/: of a DPU, of one with more memory. A test
# holds them equal to the viewer's list, whose code this application does not import.
DPU_PRICE, MEMORY_DPU_PRICE, GLUE_6_SHARE = 0.44, 0.52, 0.7
FIVE_MINUTES = cdk.Duration.minutes(5)


class Dashboard(Construct):
    """Rows of widgets. The first three dashboards of an account are free."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        sources: Sources,
        alarms: Sequence[cloudwatch.IAlarm],
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        self._stack = cdk.Stack.of(self)
        self._sources = sources
        self._settings = settings
        rows: list[list[cloudwatch.IWidget]] = [
            [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=24, height=3)],
            self._runs(),
        ]
        if settings.metrics == "enabled":
            rows += [self._steps(), self._rows(), self._spark()]
        rows += [row for row in (self._health(), self._cost()) if row]
        self.dashboard = cloudwatch.Dashboard(
            self, "Dashboard", widgets=rows, default_interval=cdk.Duration.days(1)
        )

    def _runs(self) -> list[cloudwatch.IWidget]:
        ends = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
        function = self._sources.function
        return [
            graph("Runs", [self._sources.runs(name) for name in ends]),
            graph(
                "Duration of a run (ms)",
                [self._sources.runs("ExecutionTime", statistic=s) for s in ("Average", "Maximum")],
            ),
            graph(
                "Uploads that could not be started",
                [
                    self._sources.dead_letters,
                    function.metric_errors(statistic="Sum", period=FIVE_MINUTES, label="failed invocations"),
                ],
            ),
        ]

    def _steps(self) -> list[cloudwatch.IWidget]:
        """Search for the steps, which nobody has listed; alarms cannot search, dashboards can."""
        searches = [self._search("job.step.duration", name, "step") for name in self._sources.job_names]
        jobs = [
            self._job("job.duration", "Maximum", name, job_name=name, status=status)
            for name in self._sources.job_names
            for status in ("ok", "failed")
        ]
        return [
            graph("Duration of a job (s)", jobs),
            *(
                graph(f"Steps of {name} (s)", [search])
                for name, search in zip(self._sources.job_names, searches, strict=True)
            ),
        ]

    def _rows(self) -> list[cloudwatch.IWidget]:
        clean = self._sources.job_names[0]
        outcomes = {
            outcome: self._job("job.rows", "Sum", outcome, job_name=clean, outcome=outcome)
            for outcome in ("read", "clean", "duplicate", "rejected")
        }
        share = cloudwatch.MathExpression(
            expression="100 * rejected / read",
            using_metrics={name: outcomes[name] for name in ("read", "rejected")},
            label="rejected, %",
            period=FIVE_MINUTES,
        )
        return [
            graph("Rows", list(outcomes.values())),
            graph("Rejected rows by reason", [self._search("job.rows.rejected", clean, "reason", "Sum")]),
            graph("Share of rejected rows", [share]),
        ]

    def _spark(self) -> list[cloudwatch.IWidget]:
        moved = [
            self._job("job.bytes", "Sum", f"{name} {direction}", job_name=name, direction=direction)
            for name in self._sources.job_names
            for direction in ("read", "written")
        ]
        spilled = [
            self._job("job.spark.spilled", "Sum", f"{name} {place}", job_name=name, place=place)
            for name in self._sources.job_names
            for place in ("memory", "disk")
        ]
        skew = [
            self._job("job.spark.skew", "Maximum", name, job_name=name) for name in self._sources.job_names
        ]
        return [
            graph("Bytes read and written", moved),
            graph("Spark: spilled bytes", spilled),
            graph("Spark: skew, lead of the longest task (s)", skew),
        ]

    def _health(self) -> list[cloudwatch.IWidget]:
        service = self._sources.service
        widgets: list[cloudwatch.IWidget] = []
        if service is not None:
            load = [
                service.metric_cpu_utilization(statistic="Maximum", period=FIVE_MINUTES, label="CPU, %"),
                service.metric_memory_utilization(
                    statistic="Maximum", period=FIVE_MINUTES, label="memory, %"
                ),
            ]
            widgets = [
                graph("Collector: running tasks", [self._sources.collector_tasks(service)]),
                graph("Collector: load", load),
            ]
        if self._settings.metrics == "enabled":
            spans = [
                self._job("job.spans", "Sum", f"{name} {outcome}", job_name=name, outcome=outcome)
                for name in self._sources.job_names
                for outcome in ("sent", "spilled", "left_out", "dropped")
            ]
            widgets.append(graph("Spans of the jobs", spans))
        return widgets

    def _cost(self) -> list[cloudwatch.IWidget]:
        groups = [self._sources.log_metric(name, "IncomingBytes") for name in self._sources.log_groups]
        function = self._sources.function
        widgets: list[cloudwatch.IWidget] = [
            graph("Log bytes (0.50 USD per GB)", groups),
            graph(
                "Lambda: invocations",
                [function.metric_invocations(statistic="Sum", period=FIVE_MINUTES, label="invocations")],
            ),
        ]
        if self._settings.metrics == "enabled":
            widgets.insert(0, graph("Glue (USD)", [self._glue_cost()]))
        return widgets

    def _glue_cost(self) -> cloudwatch.MathExpression:
        """Worker hours from the jobs' own clock: Glue bills from a minute or so earlier."""
        seconds = {
            f"m{number}": self._job("job.duration", "Sum", f"{name} {status}", job_name=name, status=status)
            for number, (name, status) in enumerate(
                (name, status) for name in self._sources.job_names for status in ("ok", "failed")
            )
        }
        price = worker_price(self._settings.glue_worker_type, self._settings.glue_version)
        per_hour = round(self._settings.glue_number_of_workers * price, 6)
        total = " + ".join(f"FILL({id_}, 0)" for id_ in seconds)
        return cloudwatch.MathExpression(
            expression=f"({total}) / 3600 * {per_hour}",
            using_metrics=dict(seconds),
            label="USD",
            period=FIVE_MINUTES,
        )

    def _job(self, name: str, statistic: str, label: str, **tags: str) -> cloudwatch.Metric:
        return job_metric(self._stack, name, tags, statistic=statistic, label=label)

    def _search(
        self, metric: str, job_name: str, tag: str, statistic: str = "Maximum"
    ) -> cloudwatch.SearchExpression:
        schema = ",".join(sorted(("OTelLib", "job_name", tag)))
        return cloudwatch.SearchExpression(
            expression=(
                f'SEARCH(\'{{{namespace(self._stack)},{schema}}} MetricName="{metric}" OTelLib="{METER}" '
                f"job_name=\"{job_name}\"', '{statistic}', {FIVE_MINUTES.to_seconds()})"
            ),
            label="",
            period=FIVE_MINUTES,
        )


def graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    """One graph, a third of the row wide."""
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=WIDTH, height=HEIGHT)


def worker_price(worker_type: str, glue_version: str) -> float:
    """Return the price of a worker in USD per hour.

    Example
    -------
    >>> worker_price("G.2X", "5.1")
    0.88
    """
    kind, size = worker_type.split(".")
    price = MEMORY_DPU_PRICE if kind == "R" else DPU_PRICE
    return int(size.removesuffix("X")) * price * (GLUE_6_SHARE if int(glue_version.split(".")[0]) >= 6 else 1)
