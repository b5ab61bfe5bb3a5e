# SPDX-License-Identifier: Apache-2.0
"""What Airflow may do: what MWAA needs to run it, and what the DAG starts."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_logs as logs
from constructs import Construct

from glue_tracing.trust import service

SOURCE = "https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html"
# What the operators of Airflow's amazon provider call; a job that exists already is looked at first.
RUN_JOB = ["glue:BatchStopJobRun", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
RUN_CRAWLER = ["glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler"]


class ExecutionRole(iam.Role):
    """MWAA's policy for execution roles, without its wildcards where names are known.

    The DAG bucket's own policy lets it read there. Source: the page in ``SOURCE``.

    Attributes
    ----------
    open_resources
        What it names with a wildcard -> why.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: str,
        log_groups: Sequence[logs.ILogGroup],
        key: kms.IKey | None,
    ) -> None:
        super().__init__(
            scope,
            id_,
            assumed_by=iam.CompositePrincipal(service(scope, "airflow"), service(scope, "airflow-env")),
        )
        stack = cdk.Stack.of(self)
        self._stack = stack
        arn = stack.format_arn(service="airflow", resource="environment", resource_name=environment)
        self._allow("PublishMetrics", ["airflow:PublishMetrics"], [arn])
        self._allow(
            "WriteAndShowLogs",
            [
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:GetLogEvents",
                "logs:GetLogGroupFields",
                "logs:GetLogRecord",
                "logs:GetQueryResults",
                "logs:PutLogEvents",
            ],
            [group.log_group_arn for group in log_groups],
        )
        # None of these knows resources
        self._allow(
            "AccountWide",
            ["cloudwatch:PutMetricData", "logs:DescribeLogGroups", "s3:GetAccountPublicAccessBlock"],
            ["*"],
        )
        self._allow_queue(key)

    def grant_run(self, *, jobs: Sequence[str], crawler: str) -> None:
        """Let the DAG run these Glue jobs and this crawler, given by name."""
        self._allow("RunJobs", RUN_JOB, [self._glue("job", name) for name in jobs])
        self._allow("RunCrawler", RUN_CRAWLER, [self._glue("crawler", crawler)])

    def grant_passing(self, *roles: iam.IRole, to: str) -> None:
        """Let the DAG hand roles to a service, for example ``emr-serverless.amazonaws.com``."""
        self.add_to_policy(
            iam.PolicyStatement(
                sid=f"PassRoleTo{to.partition('.')[0].title().replace('-', '')}",
                actions=["iam:PassRole"],
                resources=[role.role_arn for role in roles],
                conditions={"StringEquals": {"iam:PassedToService": to}},
            )
        )

    def _glue(self, kind: str, name: str) -> str:
        return self._stack.format_arn(service="glue", resource=kind, resource_name=name)

    def _allow_queue(self, key: kms.IKey | None) -> None:
        """Allow Celery's queue, which is in an account of MWAA's own, and its key."""
        queue = self._stack.format_arn(service="sqs", account="*", resource="airflow-celery-*")
        self.open_resources = {
            queue: "Celery's queue is in an account of MWAA's own, which nobody knows before. " + SOURCE
        }
        self._allow(
            "UseQueue",
            [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "sqs:ReceiveMessage",
                "sqs:SendMessage",
            ],
            [queue],
        )
        actions = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
        region = self._stack.region
        # Without a key of ours it is MWAA's, in its own account: any key, but for those of this account
        own = self._stack.format_arn(service="kms", region="*", resource="key", resource_name="*")
        services = ["sqs"] if key is None else ["s3", "sqs"]
        via = [f"{service}.{region}.amazonaws.com" for service in services]
        self.add_to_policy(
            iam.PolicyStatement(
                sid="UseKey",
                actions=actions,
                resources=None if key is None else [key.key_arn],
                not_resources=[own] if key is None else None,
                conditions={"StringEquals": {"kms:ViaService": via}},
            )
        )

    def _allow(self, sid: str, actions: list[str], resources: list[str]) -> None:
        self.add_to_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=resources))
