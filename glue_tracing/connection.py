# SPDX-License-Identifier: Apache-2.0
"""The way of jobs into the network of a collector."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
from constructs import Construct

from glue_tracing.collector import Collector

DESCRIBE_NETWORK: Final = [  # what Glue checks before it places a run
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
]


class JobConnection(glue.Connection):
    """A Glue connection into the jobs' subnet of a collector."""

    def __init__(self, scope: Construct, id_: str, *, collector: Collector) -> None:
        self._network = collector.network
        super().__init__(
            scope,
            id_,
            type=glue.ConnectionType.NETWORK,
            network=glue.ConnectionNetwork.subnet(self._network.job_subnet),
            security_groups=[self._network.job_security_group],
        )
        self.node.add_dependency(collector.release_interfaces())

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what a job's role needs so that Glue can put the run's network interfaces into the VPC.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        """
        stack = cdk.Stack.of(self)
        interfaces = stack.format_arn(service="ec2", resource="network-interface", resource_name="*")
        subnet = stack.format_arn(
            service="ec2", resource="subnet", resource_name=self._network.job_subnet.subnet_id
        )
        group = stack.format_arn(
            service="ec2",
            resource="security-group",
            resource_name=self._network.job_security_group.security_group_id,
        )
        catalog = stack.format_arn(service="glue", resource="catalog")
        return [
            _allow("ReadConnection", ["glue:GetConnection"], [catalog, self.connection_arn]),
            _allow("MakeInterface", ["ec2:CreateNetworkInterface"], [interfaces, subnet, group]),
            _allow("DropInterface", ["ec2:CreateTags", "ec2:DeleteNetworkInterface"], [interfaces]),
            # None of these knows resources
            _allow("DescribeNetwork", DESCRIBE_NETWORK, ["*"]),
        ]


def _allow(sid: str, actions: list[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=actions, resources=resources)
