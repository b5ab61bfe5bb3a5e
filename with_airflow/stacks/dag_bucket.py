# SPDX-License-Identifier: Apache-2.0
"""The bucket that MWAA reads, and the function that puts the DAG folder into it."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_s3_assets as assets
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup
from glue_tracing.trust import service
from glue_xray.bundle import installed
from glue_xray.bundle.python_package import python_package
from stacks.dead_letters import DeadLetterQueue
from stacks.packages import BUILD, GLUE_JOBS
from stacks.private_bucket import PrivateBucket

WITH_AIRFLOW = Path(__file__).resolve().parent.parent
PREFIX = "dags/"
REQUIREMENTS = f"{PREFIX}requirements.txt"
TIMEOUT = 120  # seconds, for a handful of small files


class DagBucket(Construct):
    """Versioned and closed to the public, as MWAA asks for; its content is that of ``dag_folder_zip``.

    Attributes
    ----------
    bucket
        The bucket, for MWAA's role to read.
    requirements_version
        Object version of ``dags/requirements.txt``: a changed list changes the environment.
    deployed
        Depend on it to have the files there.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        access_logs: s3.IBucket | None,
        dead_letters: DeadLetterQueue,
        key: kms.IKey | None,
        retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        self.bucket = PrivateBucket(
            self,
            "Bucket",
            lifecycle_rules=[s3.LifecycleRule(noncurrent_version_expiration=cdk.Duration.days(30))],
            access_logs=access_logs,
            access_logs_prefix=None if access_logs is None else "access/dags/",
        )
        source = assets.Asset(self, "Source", path=str(dag_folder_zip()))
        logs = OwnedLogGroup(self, "Logs", key=key, retention_days=retention_days)
        role = iam.Role(self, "Role", assumed_by=service(self, "lambda"))
        function = self._build_function(role, logs, dead_letters)
        for statement in (logs.write_statement(), *dead_letters.send_statements(), _read(source)):
            function.add_to_role_policy(statement)
        self._grant(role, objects=["s3:DeleteObject", "s3:PutObject"], bucket=["s3:ListBucket"])
        self.deployed = cdk.CustomResource(
            self,
            "Deployed",
            service_token=function.function_arn,
            resource_type="Custom::DagFolder",
            properties={
                "Bucket": self.bucket.bucket_name,
                "Prefix": PREFIX,
                "SourceBucket": source.s3_bucket_name,
                "SourceKey": source.s3_object_key,
            },
        )
        policy = self.bucket.policy
        assert policy is not None  # noqa: S101 - for the type checker
        self.deployed.node.add_dependency(role.node.find_child("DefaultPolicy"), policy)
        self.requirements_version = self.deployed.get_att_string("RequirementsVersion")

    def grant_read(self, role: iam.IRole) -> None:
        """Let MWAA's role inspect the bucket and read its objects.

        The sample of https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html has wildcards in
        place of these actions.
        """
        self._grant(
            role,
            objects=["s3:GetObject", "s3:GetObjectVersion"],
            bucket=[
                "s3:GetBucketLocation",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
                "s3:ListBucket",
                "s3:ListBucketVersions",
            ],
        )

    def _grant(self, role: iam.IRole, *, objects: list[str], bucket: list[str]) -> None:
        """Grant through the bucket's policy, the one place that lists who may touch what, as for the data."""
        for actions, resource in (
            (objects, self.bucket.arn_for_objects(f"{PREFIX}*")),
            (bucket, self.bucket.bucket_arn),
        ):
            self.bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.ArnPrincipal(role.role_arn)], actions=actions, resources=[resource]
                )
            )

    def _build_function(
        self, role: iam.Role, logs: OwnedLogGroup, dead_letters: DeadLetterQueue
    ) -> lambda_.Function:
        return lambda_.Function(
            self,
            "Function",
            description="Copies the DAG folder into the bucket of Amazon MWAA",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="deploy_dags.handler.handler",
            code=lambda_.Code.from_asset(
                str(_zip("deploy-dags", {"deploy_dags": WITH_AIRFLOW / "deploy_dags"}))
            ),
            role=role,
            timeout=cdk.Duration.seconds(TIMEOUT),
            logging_format=lambda_.LoggingFormat.JSON,
            log_group=logs,
            dead_letter_queue=dead_letters,
        )


def dag_folder_zip() -> Path:
    """Build, or find, the zip of the DAGs and of the packages that they share with the jobs."""
    shared = {"data_layout": GLUE_JOBS / "data_layout", **installed("xray_common")}
    return _zip("dags", {"": WITH_AIRFLOW / "dags", **shared})


def _zip(name: str, sources: dict[str, Path]) -> Path:
    return python_package(name, sources=sources, cache=BUILD)


def _read(source: assets.Asset) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="ReadSource",
        actions=["s3:GetObject"],
        resources=[source.bucket.arn_for_objects(source.s3_object_key)],
    )
