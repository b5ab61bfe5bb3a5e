# SPDX-License-Identifier: Apache-2.0
"""The state machine: clean, then process."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_stepfunctions as sfn
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup
from glue_tracing.trust import service
from stacks.spark_job import SparkJob

DEFINITION = Path(__file__).resolve().parent.parent / "state_machine" / "pipeline.asl.json"
RUN_JOB = ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]  # what .sync uses


class Pipeline(Construct):
    """A standard state machine, traced and logged in full, that may run two Glue jobs and nothing else.

    Attributes
    ----------
    state_machine, log_group
        The state machine, and where its executions are logged.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        clean_job: SparkJob,
        process_job: SparkJob,
        key: kms.IKey | None,
        retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        stack = cdk.Stack.of(self)
        jobs = [clean_job.job.ref, process_job.job.ref]
        logs = self.log_group = OwnedLogGroup(
            self,
            "Logs",
            key=key,
            retention_days=retention_days,
            # Under this prefix, log delivery fills no place in the account's log resource policies.
            name=f"/aws/vendedlogs/states/{stack.stack_name}",
        )
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_type=sfn.StateMachineType.STANDARD,
            role=iam.Role(self, "StateMachineRole", assumed_by=service(self, "states")),
            definition_body=sfn.DefinitionBody.from_string(DEFINITION.read_text(encoding="utf-8")),
            definition_substitutions={"CleanJobName": jobs[0], "ProcessJobName": jobs[1]},
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=logs, level=sfn.LogLevel.ALL, include_execution_data=True),
        )
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html
        arns = [stack.format_arn(service="glue", resource="job", resource_name=job) for job in jobs]
        self.state_machine.add_to_role_policy(
            iam.PolicyStatement(sid="RunJobs", actions=RUN_JOB, resources=arns)
        )
