# SPDX-License-Identifier: Apache-2.0
"""What dashboard, alarms and queries look at: metrics of AWS's services, log groups of the stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
import aws_cdk.aws_cloudwatch as cloudwatch
import aws_cdk.aws_ecs as ecs
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_logs as logs
import aws_cdk.aws_sqs as sqs
import aws_cdk.aws_stepfunctions as sfn


@dataclass(frozen=True, kw_only=True)
class Sources:
    """One deployment's parts.

    Parameters
    ----------
    service
        The collector's, where there is one.
    log_groups
        Name for people -> group.
    job_names
        As the jobs' metrics call them; the first one reads the upload.
    """

    state_machine: sfn.StateMachine
    function: lambda_.Function
    queue: sqs.Queue
    service: ecs.FargateService | None
    log_groups: dict[str, logs.ILogGroup]
    job_names: Sequence[str]

    def runs(self, name: str, *, statistic: str = "Sum") -> cloudwatch.Metric:
        """Return a metric of the state machine: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html."""
        return self.state_machine.metric(
            name, statistic=statistic, period=cdk.Duration.minutes(5), label=name
        )

    @property
    def dead_letters(self) -> cloudwatch.Metric:
        """Count the events in the queue."""
        return self.queue.metric_approximate_number_of_messages_visible(
            statistic="Maximum", period=cdk.Duration.minutes(5), label="lost uploads"
        )

    def collector_tasks(self, service: ecs.FargateService) -> cloudwatch.Metric:
        """Count running tasks: each sends a sample a minute, which costs nothing, unlike Container Insights.

        Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
        """
        return service.metric_cpu_utilization(
            statistic="SampleCount", period=cdk.Duration.minutes(1), label="collector tasks"
        )

    def log_metric(self, group: str, name: str) -> cloudwatch.Metric:
        """Return a metric of a log group: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html."""
        return cloudwatch.Metric(
            namespace="AWS/Logs",
            metric_name=name,
            dimensions_map={"LogGroupName": self.log_groups[group].log_group_name},
            statistic="Sum",
            period=cdk.Duration.minutes(5),
            label=group,
        )
