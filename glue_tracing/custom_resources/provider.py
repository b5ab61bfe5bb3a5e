# SPDX-License-Identifier: Apache-2.0
"""The function behind the stack's own custom resources: what CloudFormation cannot do by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_lambda as lambda_
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup
from glue_tracing.trust import service
from glue_xray.bundle.python_package import python_package

FUNCTION: Final = Path(__file__).with_name("function")
TIMEOUT: Final = (
    900  # seconds, Lambda's longest: a Glue run that is being stopped holds its interfaces that long
)


class DeadLetters(Protocol):
    """A queue that keeps events which a function could not handle."""

    @property
    def queue_arn(self) -> str:
        """Its name for AWS."""

    def send_statements(self) -> list[iam.PolicyStatement]:
        """Return what a function's role needs so that Lambda can put its failed events there."""


class CustomResources(Construct):
    """One function in a role that each resource adds its own rights to."""

    def __init__(
        self, scope: Construct, id_: str, *, key: kms.IKey | None = None, retention_days: int = 30
    ) -> None:
        super().__init__(scope, id_)
        logs = OwnedLogGroup(self, "Logs", key=key, retention_days=retention_days)
        self._role = iam.Role(self, "Role", assumed_by=service(self, "lambda"))
        self._role.add_to_policy(logs.write_statement())
        self._function = lambda_.Function(
            self,
            "Function",
            description="Capacity providers on deploy, network interfaces on destroy",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="custom_resources.handler.handler",
            code=lambda_.Code.from_asset(
                str(python_package("custom-resources", sources={"custom_resources": FUNCTION}))
            ),
            role=self._role,
            timeout=cdk.Duration.seconds(TIMEOUT),
            logging_format=lambda_.LoggingFormat.JSON,
            log_group=logs,
        )

    def add(
        self, id_: str, *, properties: Mapping[str, Any], rights: list[iam.PolicyStatement]
    ) -> cdk.CustomResource:
        """Add the resource ``Custom::<id>``, which has its rights for as long as it is there."""
        for statement in rights:
            self._role.add_to_policy(statement)
        resource = cdk.CustomResource(
            self,
            id_,
            service_token=self._function.function_arn,
            resource_type=f"Custom::{id_}",
            properties=dict(properties),
        )
        resource.node.add_dependency(self._role.node.find_child("DefaultPolicy"))
        return resource

    def keep_failures_in(self, dead_letters: DeadLetters) -> None:
        """Keep the events that the function could not even answer; the queue is made after the resources."""
        resource = self._function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101 - for the type checker
        resource.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(
            target_arn=dead_letters.queue_arn
        )
        for statement in dead_letters.send_statements():
            self._role.add_to_policy(statement)
