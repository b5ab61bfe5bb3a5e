# SPDX-License-Identifier: Apache-2.0
"""A network of the collector's own, for it and the jobs."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_iam as iam
import aws_cdk.aws_s3 as s3
from constructs import Construct

from glue_tracing.collector.job_network import HTTPS, JobNetwork
from glue_xray.bundle import xray_actions


class Network(JobNetwork):
    """Jobs in private subnets, S3 through a gateway endpoint (free), nobody let in from outside.

    Two zones: the account's first two, unless they are named. Without a NAT gateway the collector's tasks
    need a public address to pull their image; their security group lets nobody but the jobs in.

    Attributes
    ----------
    nat_gateway_id, xray_security_group
        The way out, or else the group of the X-Ray endpoint; None where there is the other.
    """

    vpc: ec2.Vpc

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        nat: bool = False,
        zones: Sequence[str] | None = None,
        flow_logs: s3.IBucket | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2 if zones is None else None,
            availability_zones=None if zones is None else list(zones),
            nat_gateways=1 if nat else 0,
            restrict_default_security_group=False,  # would add a Lambda of CDK's; nothing uses that group
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=26,
                    map_public_ip_on_launch=False,
                ),
                ec2.SubnetConfiguration(
                    name="Jobs",
                    subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS
                    if nat
                    else ec2.SubnetType.PRIVATE_ISOLATED,
                    cidr_mask=18,  # 16,379 addresses: a Glue worker keeps one for an hour
                ),
            ],
        )
        self._s3 = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        if flow_logs is not None:
            self.vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_s3(flow_logs, "vpc"))
        self.job_subnet = self.vpc.select_subnets(subnet_group_name="Jobs").subnets[0]
        self.collector_subnets = ec2.SubnetSelection(subnet_group_name="Jobs" if nat else "Public")
        self.collector_has_public_ip = not nat
        self._add_security_groups()
        gateway = self.vpc.public_subnets[0].node.try_find_child("NATGateway")
        self.nat_gateway_id = gateway.ref if isinstance(gateway, ec2.CfnNatGateway) else None
        self.xray_security_group = None if nat else self._add_xray_endpoint()

    def let_reach(self, buckets: Sequence[s3.IBucket], actions: Sequence[str]) -> None:
        """Let the S3 endpoint pass what this account does with some buckets, and nothing else.

        Glue itself reads nothing of its own through it: the buckets that it owns hold the transforms of the
        visual editor (https://docs.aws.amazon.com/glue/latest/dg/getting-started-min-privs-job.html), and
        it installs no module here.
        """
        self._s3.add_to_policy(
            iam.PolicyStatement(
                sid="ThisAccountsOwn",
                principals=[iam.AnyPrincipal()],
                actions=list(actions),
                resources=[
                    arn for bucket in buckets for arn in (bucket.bucket_arn, bucket.arn_for_objects("*"))
                ],
                conditions={"StringEquals": {"aws:PrincipalAccount": cdk.Stack.of(self).account}},
            )
        )

    def _add_xray_endpoint(self) -> ec2.SecurityGroup:
        """In the jobs' zone only: each further zone costs as much again, and the jobs are in this one."""
        group = self._security_group("XRayEndpointAccess", "X-Ray endpoint")
        for caller in (self.job_security_group, self.collector_security_group):
            group.connections.allow_from(caller, HTTPS, "X-Ray API")
        endpoint = self.vpc.add_interface_endpoint(
            "XRay",
            service=ec2.InterfaceVpcEndpointAwsService.XRAY,
            subnets=ec2.SubnetSelection(subnets=[self.job_subnet]),
            security_groups=[group],
            open=False,
        )
        endpoint.add_to_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()],
                actions=list(xray_actions(None)),
                resources=["*"],  # X-Ray has no resources of its own for traces
                conditions={"StringEquals": {"aws:PrincipalAccount": cdk.Stack.of(self).account}},
            )
        )
        return group
