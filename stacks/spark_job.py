# SPDX-License-Identifier: Apache-2.0
"""One Glue Spark job with its script, its role and its log groups."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
import aws_cdk.aws_s3_assets as assets
from constructs import Construct

from stacks.glue_runtime import XRAY_OTLP, GlueRuntime
from stacks.log_group import OwnedLogGroup, write_statement
from stacks.packages import GLUE_JOBS
from stacks.telemetry_switches import switches
from stacks.trust import service
from stacks.xray import xray_statement

TIMEOUT = 120  # minutes; the state machine waits longer than that, see state_machine/pipeline.asl.json
CONCURRENT_RUNS = 50  # one run for each upload under way; further ones wait in Glue's queue

# Parent lookup, also where Transaction Search is on; segments by hand when the collector is away.
XRAY_ACTIONS = ("BatchGetTraces", "ListRetrievedTraces", "PutTraceSegments", "StartTraceRetrieval")
# X-Ray's OTLP endpoint, asked for with xray_otlp.
XRAY_OTLP_ACTIONS = ("PutSpans", "PutSpansForIndexing")


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

    def __init__(self, scope: Construct, id_: str, *, name: str, script: str, runtime: GlueRuntime) -> None:
        super().__init__(scope, id_)
        self._runtime = runtime
        self.role = iam.Role(self, "Role", assumed_by=service(self, "glue"))
        code = assets.Asset(self, "Script", path=str(GLUE_JOBS / script))
        log_prefix = f"/aws-glue/jobs/{cdk.Stack.of(self).stack_name}/{name}"
        logs = self._build_log_groups(log_prefix)
        self.log_groups = logs
        self.name = name
        self._grant(code, logs)
        self.job = self._build_job(code, name, log_prefix)
        self.job.node.add_dependency(self.role.node.find_child("DefaultPolicy"), *logs)

    @property
    def _connections(self) -> glue.CfnJob.ConnectionsListProperty | None:
        connection = self._runtime.connection
        if connection is None:
            return None
        return glue.CfnJob.ConnectionsListProperty(connections=[connection.connection_name])

    def _build_job(self, code: assets.Asset, name: str, log_prefix: str) -> glue.CfnJob:
        runtime, settings = self._runtime, self._runtime.settings
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
            execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=CONCURRENT_RUNS),
            job_run_queuing_enabled=True,
            connections=self._connections,
            # Not defaults: who may start a run chooses its input, not the code, the logs or the telemetry.
            non_overridable_arguments={
                "--scriptLocation": code.s3_object_url,
                "--extra-py-files": runtime.library.s3_object_url,
                "--custom-logGroup-prefix": log_prefix,
                "--job-bookmark-option": "job-bookmark-disable",
                "--job_name": name,
                "--worker_type": settings.glue_worker_type,
                "--number_of_workers": str(settings.glue_number_of_workers),
                **({"--otlp_endpoint": runtime.otlp_endpoint} if runtime.otlp_endpoint else {}),
                "--log_groups": ",".join(group.log_group_name for group in self.log_groups),
                **switches(settings),
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
                key=self._runtime.key,
                retention_days=self._runtime.settings.log_retention_days,
                name=f"{prefix}/{kind}",
            )
            for kind in ("error", "output")
        ]

    def _grant(self, code: assets.Asset, logs: list[OwnedLogGroup]) -> None:
        files = [asset.bucket.arn_for_objects(asset.s3_object_key) for asset in (code, self._runtime.library)]
        otlp = self._runtime.otlp_endpoint == XRAY_OTLP
        statements = [
            iam.PolicyStatement(sid="ReadCode", actions=["s3:GetObject"], resources=files),
            write_statement(logs, "logs:CreateLogGroup"),  # Glue asks to create them before it writes to them
            xray_statement(*XRAY_ACTIONS, *(XRAY_OTLP_ACTIONS if otlp else ())),
            *self._runtime.connect_statements(),
        ]
        for statement in statements:
            self.role.add_to_policy(statement)
