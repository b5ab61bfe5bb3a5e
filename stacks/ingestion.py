# SPDX-License-Identifier: Apache-2.0
"""The function that starts the pipeline for each upload, and the queue for what it could not start."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_stepfunctions as sfn
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup
from glue_tracing.trust import service
from stacks.dead_letters import DeadLetterQueue
from stacks.packages import start_pipeline_zip
from stacks.settings import Settings

TIMEOUT = 60  # seconds: an event holds few records, and each is one StartExecution
MEMORY = 256  # MB
RETRIES = 2  # after the first attempt, with a minute and then two between them
EVENT_AGE = 6  # hours: the longest Lambda keeps an event it cannot deliver


class Ingestion(Construct):
    """S3 event in, execution out. An event that fails for good lies in the queue, whole, for two weeks.

    Attributes
    ----------
    function, role, dead_letters, log_group
        The function, its role, its dead-letter queue, and where it logs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        state_machine: sfn.StateMachine,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        traced = settings.traces == "enabled"
        self.dead_letters = DeadLetterQueue(self, "DeadLetters", key=key)
        logs = self.log_group = OwnedLogGroup(
            self, "Logs", key=key, retention_days=settings.log_retention_days
        )
        role = self.role = iam.Role(self, "Role", assumed_by=service(self, "lambda"))
        for statement in (logs.write_statement(), *self.dead_letters.send_statements()):
            role.add_to_policy(statement)
        self.function = lambda_.Function(
            self,
            "Function",
            description="Starts the pipeline for each file uploaded below input/",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="start_pipeline.handler.handler",
            code=lambda_.Code.from_asset(str(start_pipeline_zip())),
            role=role,
            timeout=cdk.Duration.seconds(TIMEOUT),
            memory_size=MEMORY,
            tracing=lambda_.Tracing.ACTIVE if traced else lambda_.Tracing.PASS_THROUGH,
            logging_format=lambda_.LoggingFormat.JSON,
            log_group=logs,
            environment={
                "STATE_MACHINE_ARN": state_machine.state_machine_arn,
                # The choice travels in the trace header, to Step Functions and to the jobs.
                "TRACE_SAMPLING_RATE": str(settings.trace_sampling_rate if traced else 0.0),
                "LOG_CORRELATION": "on" if settings.log_correlation == "enabled" else "off",
            },
            dead_letter_queue=self.dead_letters,
            retry_attempts=RETRIES,
            max_event_age=cdk.Duration.hours(EVENT_AGE),
        )
        state_machine.grant_start_execution(self.function)
