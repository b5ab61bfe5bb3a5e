# SPDX-License-Identifier: Apache-2.0
"""The bucket with the data: input/, clean/, processed/ and rejected/."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_s3 as s3
from constructs import Construct

from stacks.private_bucket import PrivateBucket

READ = ["s3:GetObject"]
WRITE = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
]
LIST = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]


class DataBucket(PrivateBucket):
    """Every upload below input/ calls a function; each job reads and writes the prefixes it was granted.

    The bucket's policy is the one page that says who reads and writes which prefix: the jobs' own roles name
    no object of it.
    """

    def __init__(self, scope: Construct, id_: str, *, access_logs: s3.IBucket | None) -> None:
        housekeeping = s3.LifecycleRule(
            noncurrent_version_expiration=cdk.Duration.days(30),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
        )
        super().__init__(
            scope,
            id_,
            lifecycle_rules=[housekeeping],
            access_logs=access_logs,
            access_logs_prefix=None if access_logs is None else "access/data/",
        )

    def grant_job(self, role: iam.IRole, *, reads: Sequence[str] = (), writes: Sequence[str] = ()) -> None:
        """Let a job's role read some prefixes, write others, and list the bucket as Spark does."""
        principals: list[iam.IPrincipal] = [iam.ArnPrincipal(role.role_arn)]
        for actions, prefixes in ((READ, reads), (WRITE, writes)):
            if prefixes:
                objects = [self.arn_for_objects(f"{prefix}/*") for prefix in prefixes]
                # Spark on Glue 5.0 (EMRFS) marks a folder with an object beside it; S3A of 5.1 does not.
                markers = [self.arn_for_objects(f"{prefix}_$folder$") for prefix in prefixes]
                self.add_to_resource_policy(
                    iam.PolicyStatement(principals=principals, actions=actions, resources=objects + markers)
                )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=LIST,
                resources=[self.bucket_arn],
            )
        )

    def let_read_metadata(self, role: iam.IRole) -> None:
        """Let the function ask for an upload's metadata, where the caller's correlation id stands.

        S3 has no right to HeadObject alone: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ArnPrincipal(role.role_arn)],
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[self.arn_for_objects("input/*")],
            )
        )

    def call_on_upload(self, function: lambda_.Function) -> None:
        """Notify a function of every object created below input/.

        One rule for the prefix, none for the extensions: S3 compares suffixes with regard to case, so rules
        by suffix lose ``DATA.CSV`` without a word, and no log could name an unsupported file. The function
        decides, and says so. Written on the resource itself, because CDK's notification handler would be one
        more function, with rights on every bucket.
        """
        permission = lambda_.CfnPermission(
            self,
            "Notify",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="s3.amazonaws.com",
            # Not the bucket's ARN: S3 asks for the permission while the bucket is being created.
            source_account=cdk.Stack.of(self).account,
        )
        resource = self.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - for the type checker
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            lambda_configurations=[
                s3.CfnBucket.LambdaConfigurationProperty(
                    event="s3:ObjectCreated:*",
                    function=function.function_arn,
                    filter=s3.CfnBucket.NotificationFilterProperty(
                        s3_key=s3.CfnBucket.S3KeyFilterProperty(
                            rules=[s3.CfnBucket.FilterRuleProperty(name="prefix", value="input/")]
                        )
                    ),
                )
            ]
        )
        resource.add_resource_dependency(permission)
