# SPDX-License-Identifier: Apache-2.0
"""One Glue Spark job with its script, its role and its log groups."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_s3_assets as assets
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup, write_statement
from glue_tracing.tracing import GlueTracing
from glue_tracing.trust import service
from stacks.packages import GLUE_JOBS
from stacks.settings import Settings

TIMEOUT = 120  # minutes; the state machine waits longer than that, see state_machine/pipeline.asl.json


class SparkJob(Construct):
    """A Spark job that starts with pinned packages only, in the collector's VPC if any, in a role of its own.

    Attributes
    ----------
    job
        The Glue job. ``ref`` is its name.
    name
        What traces, metrics and logs call it.
    log_groups
        Where its runs write.
    role
        The job's role. It can read its code, write its logs, use its network and X-Ray; data is granted by
        the bucket.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        script: str,
        tracing: GlueTracing,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        self._key, self._settings = key, settings
        self.role = iam.Role(self, "Role", assumed_by=service(self, "glue"))
        code = assets.Asset(self, "Script", path=str(GLUE_JOBS / script))
        log_prefix = f"/aws-glue/jobs/{cdk.Stack.of(self).stack_name}/{name}"
        logs = self._build_log_groups(log_prefix)
        self.log_groups = logs
        self.name = name
        self._grant(code, logs)
        self.job = self._build_job(code, log_prefix)
        tracing.trace(
            self.job, name=name, script="instrumented", log_groups=logs, workflow=None, overridable=False
        )
        self.job.node.add_dependency(self.role.node.find_child("DefaultPolicy"), *logs)

    def _build_job(self, code: assets.Asset, log_prefix: str) -> glue.CfnJob:
        settings = self._settings
        return glue.CfnJob(
            self,
            "Job",
            role=self.role.role_arn,
            command=glue.CfnJob.JobCommandProperty(
                name="glueetl", python_version="3", script_location=code.s3_object_url
            ),
            glue_version=settings.glue_version,
            worker_type=settings.glue_worker_type,
            number_of_workers=settings.glue_number_of_workers,
            timeout=TIMEOUT,
            max_retries=0,  # the state machine retries, and knows what is worth it
            execution_property=glue.CfnJob.ExecutionPropertyProperty(
                max_concurrent_runs=settings.glue_concurrent_runs
            ),
            job_run_queuing_enabled=True,
            # Not defaults: who may start a run chooses its input, not the code, the logs or the telemetry.
            non_overridable_arguments={
                "--scriptLocation": code.s3_object_url,
                "--custom-logGroup-prefix": log_prefix,
                "--job-bookmark-option": "job-bookmark-disable",
            },
        )

    def _build_log_groups(self, prefix: str) -> list[OwnedLogGroup]:
        """Build the two groups that a run writes to.

        Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
        """
        return [
            OwnedLogGroup(
                self,
                kind.capitalize(),
                key=self._key,
                retention_days=self._settings.log_retention_days,
                name=f"{prefix}/{kind}",
            )
            for kind in ("error", "output")
        ]

    def _grant(self, code: assets.Asset, logs: list[OwnedLogGroup]) -> None:
        script = code.bucket.arn_for_objects(code.s3_object_key)
        statements = [
            iam.PolicyStatement(sid="ReadCode", actions=["s3:GetObject"], resources=[script]),
            write_statement(logs, "logs:CreateLogGroup"),  # Glue asks to create them before it writes to them
        ]
        for statement in statements:
            self.role.add_to_policy(statement)
