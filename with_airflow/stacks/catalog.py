# SPDX-License-Identifier: Apache-2.0
"""The Glue crawler over the uploads, and the database that it fills."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_s3 as s3
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup, write_statement
from glue_tracing.trust import service
from stacks.acknowledgements import AUTHORIZATION
from stacks.glue_encryption import READ_ENCRYPTION, glue_encryption

SOURCE = "input/"
WRITE_CATALOG = [
    "glue:BatchCreatePartition",
    "glue:BatchGetPartition",
    "glue:CreateTable",
    "glue:GetDatabase",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdatePartition",
    "glue:UpdateTable",
]


class Catalog(Construct):
    """What the uploads look like, as tables. They go with the database, and the database with the stack.

    Attributes
    ----------
    crawler, database
        Their ``ref`` is their name.
    log_groups
        Where the crawler logs; none without a customer key, see `_build_log_groups`.
    open_resources
        What its role names with a wildcard -> why.
    """

    def __init__(
        self, scope: Construct, id_: str, *, bucket: s3.IBucket, key: kms.IKey | None, retention_days: int
    ) -> None:
        super().__init__(scope, id_)
        stack = cdk.Stack.of(self)
        self._encryption = None if key is None else glue_encryption(self, key)
        # Glue's names are lower case
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=stack.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=f"{stack.stack_name.lower().replace('-', '_')}_source"
            ),
        )
        self.role = iam.Role(self, "Role", assumed_by=service(self, "glue"))
        self.log_groups = self._build_log_groups(key, retention_days)
        source, tables = (
            bucket.arn_for_objects(f"{SOURCE}*"),
            self._catalog("table", f"{self.database.ref}/*"),
        )
        self.open_resources = {
            source: f"The crawler reads every upload: {SOURCE}. {AUTHORIZATION}/list_amazons3.html",
            tables: f"The crawler names its tables after what it finds. {AUTHORIZATION}/list_awsglue.html",
        }
        for statement in self._rights(bucket, source, tables):
            self.role.add_to_policy(statement)
        self.crawler = glue.CfnCrawler(
            self,
            "Crawler",
            role=self.role.role_arn,
            database_name=self.database.ref,
            targets=glue.CfnCrawler.TargetsProperty(
                s3_targets=[glue.CfnCrawler.S3TargetProperty(path=f"s3://{bucket.bucket_name}/{SOURCE}")]
            ),
            schema_change_policy=glue.CfnCrawler.SchemaChangePolicyProperty(
                update_behavior="UPDATE_IN_DATABASE", delete_behavior="LOG"
            ),
            crawler_security_configuration=None
            if self._encryption is None
            else self._encryption.security_configuration_name,
        )
        self.crawler.node.add_dependency(self.role.node.find_child("DefaultPolicy"))

    def _build_log_groups(self, key: kms.IKey | None, retention_days: int) -> list[OwnedLogGroup]:
        """Create the crawler's log group where a security configuration gives the crawler one of its own.

        Without one, all crawlers of an account share ``/aws-glue/crawlers``, which is nobody's: ours may
        write to it and may not make it.
        """
        if self._encryption is None:
            return []
        name = self._encryption.security_configuration_name
        group = OwnedLogGroup(
            self,
            "Logs",
            key=key,
            retention_days=retention_days,
            name=f"/aws-glue/crawlers-role/{self.role.role_name}-{name}",
        )
        return [group]

    def _rights(self, bucket: s3.IBucket, source: str, tables: str) -> list[iam.PolicyStatement]:
        catalog = [self._catalog("catalog"), self._catalog("database", self.database.ref), tables]
        look = ["s3:GetBucketLocation", "s3:ListBucket"]
        return [
            iam.PolicyStatement(sid="ReadSource", actions=["s3:GetObject"], resources=[source]),
            iam.PolicyStatement(sid="ListSource", actions=look, resources=[bucket.bucket_arn]),
            iam.PolicyStatement(sid="WriteCatalog", actions=WRITE_CATALOG, resources=catalog),
            self._log_statement(),
            *self._encryption_statements(),
        ]

    def _catalog(self, resource: str, name: str | None = None) -> str:
        return cdk.Stack.of(self).format_arn(service="glue", resource=resource, resource_name=name)

    def _log_statement(self) -> iam.PolicyStatement:
        if self.log_groups:
            # As for the jobs: Glue asks to give the group its key before it writes.
            return write_statement(self.log_groups, "logs:AssociateKmsKey", "logs:CreateLogGroup")
        group = cdk.Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name="/aws-glue/crawlers:*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self.open_resources[group] = (
            "Streams of the group that all crawlers of an account share. "
            f"{AUTHORIZATION}/list_amazoncloudwatchlogs.html"
        )
        return iam.PolicyStatement(
            sid="WriteLogs", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group]
        )

    def _encryption_statements(self) -> list[iam.PolicyStatement]:
        if self._encryption is None:
            return []
        return [iam.PolicyStatement(sid="ReadEncryption", actions=[READ_ENCRYPTION], resources=["*"])]
