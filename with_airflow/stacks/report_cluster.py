# SPDX-License-Identifier: Apache-2.0
"""What a transient EMR cluster is made of, for ``-c emr=cluster``: each DAG run starts one, and ends it.

Nothing of it runs between two DAG runs. The cluster's name and the end of its log path are the DAG's choice.
"""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_s3 as s3
from constructs import Construct

from glue_tracing import Network
from glue_tracing.log_group import OwnedLogGroup
from glue_tracing.trust import service
from stacks.acknowledgements import AUTHORIZATION
from with_airflow.stacks.cluster_groups import ClusterGroups
from with_airflow.stacks.execution_role import ExecutionRole
from with_airflow.stacks.network import AirflowNetwork
from with_airflow.stacks.report_job import RELEASE, ReportCode

LOG_PREFIX = "emr-logs/"  # of the DAG bucket
# AmazonEMRServicePolicy_v2 works on what has this tag, and nothing else.
# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-iam-policies.html
TAG = "for-use-with-amazon-emr-managed-policies"
POLICY = "service-role/AmazonEMRServicePolicy_v2"
MANAGE = [
    "elasticmapreduce:DescribeCluster",
    "elasticmapreduce:DescribeStep",
    "elasticmapreduce:ListSteps",
    "elasticmapreduce:TerminateJobFlows",
]


class ReportCluster(Construct):
    """Roles and security groups of the cluster, each tagged for EMR's service policy.

    Attributes
    ----------
    role
        Of the nodes, and so of the job.
    options
        Its keys of with_airflow/stacks/options.py.
    log_groups
        None: a cluster logs to S3.
    open_resources
        What roles name with a wildcard -> why.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        code: ReportCode,
        network: AirflowNetwork,
        main: Network,
        logs: s3.Bucket,
    ) -> None:
        super().__init__(scope, id_)
        stack = cdk.Stack.of(self)
        groups = ClusterGroups(self, "Groups", network=main)
        self.role = iam.Role(self, "NodeRole", assumed_by=service(self, "ec2"))
        for statement in code.statements():
            self.role.add_to_policy(statement)
        logs.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ArnPrincipal(self.role.role_arn)],
                actions=["s3:PutObject"],
                resources=[logs.arn_for_objects(f"{LOG_PREFIX}*")],
            )
        )
        profile = iam.InstanceProfile(self, "Profile", role=self.role)
        self._service_role = self._build_service_role()
        self._clusters = stack.format_arn(service="elasticmapreduce", resource="cluster", resource_name="*")
        for part in (self, network):
            cdk.Tags.of(part).add(
                TAG, "true", include_resource_types=["AWS::EC2::SecurityGroup", "AWS::EC2::Subnet"]
            )
        self.log_groups: list[OwnedLogGroup] = []
        self.open_resources = {
            self._clusters: "Nobody knows the id of a cluster before it is started; only those with the tag. "
            f"{AUTHORIZATION}/list_amazonelasticmapreduce.html"
        }
        self.options = {
            "emr_release": RELEASE,
            "emr_subnet": network.subnet_ids[0],
            "emr_security_group": groups.nodes.security_group_id,
            "emr_service_security_group": groups.service.security_group_id,
            "emr_service_role": self._service_role.role_name,
            "emr_instance_profile": profile.instance_profile_name,
            "emr_log_uri": f"s3://{logs.bucket_name}/{LOG_PREFIX}",
            "emr_tag": TAG,
        }

    def grant_run(self, airflow: ExecutionRole) -> None:
        """Let the DAG start clusters that have the tag, describe them, and terminate them."""
        for sid, actions, resource, key in (
            (
                "StartCluster",
                ["elasticmapreduce:AddTags", "elasticmapreduce:RunJobFlow"],
                "*",
                "aws:RequestTag",
            ),
            ("ManageCluster", MANAGE, self._clusters, "aws:ResourceTag"),
        ):
            airflow.add_to_policy(
                iam.PolicyStatement(
                    sid=sid,
                    actions=actions,
                    resources=[resource],
                    conditions={"StringEquals": {f"{key}/{TAG}": "true"}},
                )
            )
        airflow.grant_passing(self._service_role, to="elasticmapreduce.amazonaws.com")
        airflow.grant_passing(self.role, to="ec2.amazonaws.com")

    def _build_service_role(self) -> iam.Role:
        role = iam.Role(
            self,
            "ServiceRole",
            assumed_by=service(self, "elasticmapreduce"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(POLICY)],
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="PassNodeRole",
                actions=["iam:PassRole"],
                resources=[self.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            )
        )
        return role
