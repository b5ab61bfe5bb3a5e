# SPDX-License-Identifier: Apache-2.0
"""Remove what Glue leaves in the jobs' subnet, before subnet and security group are deleted."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import IDependable

from glue_tracing.collector.job_network import JobNetwork
from glue_tracing.custom_resources import CustomResources


def release_interfaces(custom_resources: CustomResources, network: JobNetwork) -> IDependable:
    """Add the resource; what makes interfaces in the subnet depends on it, so that it is deleted after that.

    The right to delete is bound to interfaces in the one subnet.
    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    stack = cdk.Stack.of(custom_resources)
    subnet, group = network.job_subnet, network.job_security_group
    subnet_arn = stack.format_arn(service="ec2", resource="subnet", resource_name=subnet.subnet_id)
    interfaces = stack.format_arn(service="ec2", resource="network-interface", resource_name="*")
    resource = custom_resources.add(
        "NetworkInterfaces",
        properties={"SubnetId": subnet.subnet_id, "SecurityGroupId": group.security_group_id},
        rights=[
            iam.PolicyStatement(
                sid="FindInterfaces", actions=["ec2:DescribeNetworkInterfaces"], resources=["*"]
            ),
            iam.PolicyStatement(
                sid="DeleteInterfaces",
                actions=["ec2:DeleteNetworkInterface"],
                resources=[interfaces],
                conditions={"ArnEquals": {"ec2:Subnet": subnet_arn}},
            ),
        ],
    )
    resource.node.add_dependency(subnet, group)
    return resource
