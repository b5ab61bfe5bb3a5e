# SPDX-License-Identifier: Apache-2.0
"""What wakes somebody up. Each alarm bills 0.10 USD a month for each metric in it, an anomaly alarm 0.30."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_cloudwatch as cloudwatch
import aws_cdk.aws_cloudwatch_actions as actions
import aws_cdk.aws_ecs as ecs
import aws_cdk.aws_sns as sns
from constructs import Construct

from glue_tracing.xray import trace_console_url
from stacks.job_metrics import job_metric
from stacks.settings import Settings
from stacks.sources import Sources

FIVE_MINUTES = cdk.Duration.minutes(5)
BAND = 2  # standard deviations above what CloudWatch learned from two weeks of runs


class Alarms(Construct):
    """Alarms that tell a topic.

    Attributes
    ----------
    all
        Every alarm, for the dashboard.
    """

    def __init__(
        self, scope: Construct, id_: str, *, sources: Sources, topic: sns.ITopic, settings: Settings
    ) -> None:
        super().__init__(scope, id_)
        self._stack = cdk.Stack.of(self)
        self._topic = topic
        self._sources = sources
        self.all: list[cloudwatch.IAlarm] = []
        self._runs()
        if sources.service is not None:
            self._collector(sources.service)
        if settings.metrics == "enabled":
            self._rows(settings.alarm_rejected_percent)
            self._spans()
            for name in sources.job_names:
                self._slow(name)

    def _runs(self) -> None:
        self._add(
            "FailedRuns",
            self._sources.runs("ExecutionsFailed"),
            "A run failed. The message of the same minute names it and its trace.",
        )
        self._add(
            "LostUploads",
            self._sources.dead_letters,
            "An upload could not be started. The dead-letter queue (output DeadLetterQueueUrl) holds its "
            "event; the saved query 'Errors' shows why.",
        )

    def _collector(self, service: ecs.FargateService) -> None:
        alarm = self._add(
            "CollectorDown",
            self._sources.collector_tasks(service),
            "No collector task has run for five minutes: the jobs send to X-Ray themselves, and their "
            "metrics are lost. Look at the events of the ECS service, then at the collector's log group.",
            below=1,
            periods=5,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        # An alarm that is older than the first task rings for the minutes before it.
        alarm.node.add_dependency(service)

    def _rows(self, percent: int) -> None:
        clean = self._sources.job_names[0]
        rows = {
            outcome: job_metric(self._stack, "job.rows", {"job_name": clean, "outcome": outcome})
            for outcome in ("read", "rejected")
        }
        share = cloudwatch.MathExpression(
            expression="100 * rejected / read",
            using_metrics=dict(rows),
            label="rejected, %",
            period=FIVE_MINUTES,
        )
        self._add(
            "RejectedRows",
            share,
            f"More than {percent} % of the rows were rejected. The saved query 'Rejected rows' says why, "
            "rejected/ in the bucket holds them whole.",
            above=percent,
        )

    def _spans(self) -> None:
        dropped = {
            f"dropped{number}": job_metric(self._stack, "job.spans", {"job_name": name, "outcome": "dropped"})
            for number, name in enumerate(self._sources.job_names)
        }
        self._add(
            "DroppedSpans",
            cloudwatch.MathExpression(
                expression=" + ".join(f"FILL({name}, 0)" for name in dropped),
                using_metrics=dict(dropped),
                label="spans dropped",
                period=FIVE_MINUTES,
            ),
            "Spans reached neither the collector nor X-Ray nor a file: traces have holes. Look for "
            "'dropped=' in the jobs' output log groups.",
        )

    def _slow(self, job_name: str) -> None:
        """Longer than its usual: a band that CloudWatch learns, for no fixed number fits every file."""
        usual = job_metric(
            self._stack,
            "job.duration",
            {"job_name": job_name, "status": "ok"},
            statistic="Maximum",
            period=cdk.Duration.hours(1),
        )
        id_ = "".join(part.capitalize() for part in job_name.split("-"))
        detector = cloudwatch.CfnAnomalyDetector(  # else the alarm makes one that stays on destroy
            self,
            f"Usual{id_}",
            single_metric_anomaly_detector=cloudwatch.CfnAnomalyDetector.SingleMetricAnomalyDetectorProperty(
                namespace=usual.namespace,
                metric_name=usual.metric_name,
                stat="Maximum",
                dimensions=[
                    cloudwatch.CfnAnomalyDetector.DimensionProperty(name=d.name, value=str(d.value))
                    for d in usual.to_metric_config().metric_stat.dimensions or ()  # type: ignore[union-attr]
                ],
            ),
        )
        alarm = cloudwatch.AnomalyDetectionAlarm(
            self,
            f"Slow{id_}",
            metric=usual,
            std_devs=BAND,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=self._described(
                f"{job_name} took much longer than its usual. `glue-xray runs --job {job_name}` lists its "
                "runs, `glue-xray view --trace-id ID --usual` says which step, by how much and why."
            ),
        )
        alarm.node.add_dependency(detector)
        self._notify(alarm)

    def _add(
        self,
        id_: str,
        metric: cloudwatch.IMetric,
        text: str,
        *,
        above: float = 0,
        below: float | None = None,
        periods: int = 1,
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> cloudwatch.Alarm:
        operator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
        if below is not None:
            operator = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        alarm = cloudwatch.Alarm(
            self,
            id_,
            metric=metric,
            threshold=above if below is None else below,
            comparison_operator=operator,
            evaluation_periods=periods,
            treat_missing_data=missing,
            alarm_description=self._described(text),
        )
        self._notify(alarm)
        return alarm

    def _described(self, text: str) -> str:
        return f"{text} Traces: {trace_console_url(self._stack)}"

    def _notify(self, alarm: cloudwatch.AlarmBase) -> None:
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        self.all.append(alarm)
