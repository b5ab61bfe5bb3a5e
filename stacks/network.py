# SPDX-License-Identifier: Apache-2.0
"""The network that the jobs and the collector share."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_iam as iam
import aws_cdk.aws_s3 as s3
from constructs import Construct

OTLP_PORTS = (4317, 4318)  # gRPC, HTTP
HTTPS = ec2.Port.tcp(443)


class Network(Construct):
    """Jobs in private subnets, S3 through a gateway endpoint (free), nobody let in from outside.

    Two zones: the account's first two, unless they are named.

    Attributes
    ----------
    job_subnet
        The one subnet of the Glue connection (a connection takes one).
    collector_subnets, collector_has_public_ip
        Where the collector's tasks run. Without a NAT gateway they need a public address to pull their image;
        their security group lets nobody but the jobs in.
    nat_gateway_id, xray_security_group
        The way out, or else the group of the X-Ray endpoint; None where there is the other.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        nat: bool,
        zones: Sequence[str] | None,
        flow_logs: s3.IBucket | None,
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
        self._jobs = ec2.SubnetSelection(subnet_group_name="Jobs")
        self.job_subnet = self.vpc.select_subnets(subnet_group_name="Jobs").subnets[0]
        self.collector_subnets = self._jobs if nat else ec2.SubnetSelection(subnet_group_name="Public")
        self.collector_has_public_ip = not nat
        self.job_security_group = self._security_group("Jobs", "Glue jobs")
        self.collector_security_group = self._security_group("Collector", "OpenTelemetry collector")
        self._allow_traffic()
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

    def _security_group(self, id_: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, id_, vpc=self.vpc, description=description, allow_all_outbound=False)

    def _allow_traffic(self) -> None:
        jobs, collector = self.job_security_group, self.collector_security_group
        # https://docs.aws.amazon.com/glue/latest/dg/setup-vpc-for-glue-access.html
        jobs.connections.allow_internally(ec2.Port.all_tcp(), "Spark driver and executors, as Glue demands")
        for port in OTLP_PORTS:
            collector.connections.allow_from(jobs, ec2.Port.tcp(port), f"OTLP from the jobs on {port}")
        for group in (jobs, collector):
            group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS, "AWS APIs")

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
                actions=[
                    "xray:BatchGetTraces",
                    "xray:ListRetrievedTraces",
                    "xray:PutTraceSegments",
                    "xray:StartTraceRetrieval",
                ],
                resources=["*"],  # X-Ray has no resources of its own for traces
                conditions={"StringEquals": {"aws:PrincipalAccount": cdk.Stack.of(self).account}},
            )
        )
        return group
