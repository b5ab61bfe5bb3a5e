# SPDX-License-Identifier: Apache-2.0
"""Where Airflow and EMR run: private subnets of the main stack's VPC, with a way out."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_iam as iam
from constructs import Construct

from glue_tracing import Network
from glue_tracing.collector.job_network import OTLP_PORTS

# What EMR keeps of a cluster for its page and for AWS Support, in buckets of its own.
# https://docs.aws.amazon.com/emr/latest/ManagementGuide/private-subnet-iampolicy.html
EMR_WRITES = ("prod.{region}.appinfo.src", "aws157-logs-prod-{region}")
SUBNETS = ("10.0.192.0/22", "10.0.196.0/22")  # in CDK's 10.0.0.0/16, above what the main stack uses


class AirflowNetwork(Construct):
    """MWAA wants two private subnets, and calls a dozen services: one NAT gateway is cheaper than endpoints.

    Where the main stack has a gateway already (``network=nat``), that one serves.

    Attributes
    ----------
    subnet_ids
        Two private subnets in two zones.
    security_group
        Of the environment. Only the collector lets it in, on OTLP/HTTP.
    """

    def __init__(self, scope: Construct, id_: str, *, network: Network) -> None:
        super().__init__(scope, id_)
        self.security_group = ec2.SecurityGroup(
            # All outbound, and all from itself: https://docs.aws.amazon.com/mwaa/latest/userguide/vpc-security.html
            self,
            "Airflow",
            vpc=network.vpc,
            description="Amazon MWAA",
            allow_all_outbound=True,
        )
        self.security_group.add_ingress_rule(
            self.security_group, ec2.Port.all_traffic(), "Airflow's own parts"
        )
        self._allow_into_collector(network)
        self.subnet_ids = [subnet.subnet_id for subnet in self._build_subnets(network)]

    def _allow_into_collector(self, network: Network) -> None:
        """Add a rule of this stack, so that the main one knows nothing of it."""
        ec2.CfnSecurityGroupIngress(
            self,
            "IntoCollector",
            group_id=network.collector_security_group.security_group_id,
            source_security_group_id=self.security_group.security_group_id,
            ip_protocol="tcp",
            from_port=OTLP_PORTS[1],
            to_port=OTLP_PORTS[1],
            description="OTLP/HTTP from Airflow",
        )

    def _build_subnets(self, network: Network) -> list[ec2.PrivateSubnet]:
        vpc = network.vpc
        subnets = [
            ec2.PrivateSubnet(
                self,
                f"Subnet{number}",
                vpc_id=vpc.vpc_id,
                availability_zone=vpc.availability_zones[number - 1],
                cidr_block=block,
                map_public_ip_on_launch=False,
            )
            for number, block in enumerate(SUBNETS, start=1)
        ]
        gateway_id = network.nat_gateway_id or self._build_gateway(vpc).attr_nat_gateway_id
        for subnet in subnets:
            subnet.add_default_nat_route(gateway_id)
        ec2.CfnVPCEndpoint(
            self,
            "S3",
            vpc_id=vpc.vpc_id,
            service_name=f"com.amazonaws.{cdk.Stack.of(self).region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[subnet.route_table.route_table_id for subnet in subnets],
            policy_document=_s3_policy(cdk.Stack.of(self)),
        )
        return subnets

    def _build_gateway(self, vpc: ec2.Vpc) -> ec2.CfnNatGateway:
        address = ec2.CfnEIP(self, "Address", domain="vpc")
        return ec2.CfnNatGateway(
            self,
            "Gateway",
            subnet_id=vpc.public_subnets[0].subnet_id,
            allocation_id=address.attr_allocation_id,
        )


def _s3_policy(stack: cdk.Stack) -> iam.PolicyDocument:
    """Let this account's buckets be used, AWS's be read, and nothing be carried into anybody else's.

    MWAA and EMR start from packages in buckets of AWS's own, partly without a signature, whose names change
    with each release: reading is not bounded by bucket.
    """

    def allow(
        sid: str, action: str, *resources: str, conditions: dict[str, dict[str, str]] | None = None
    ) -> None:
        document.add_statements(
            iam.PolicyStatement(
                sid=sid,
                principals=[iam.AnyPrincipal()],
                actions=[action],
                resources=list(resources),
                conditions=conditions,
            )
        )

    document = iam.PolicyDocument()
    own = {"StringEquals": {"aws:ResourceAccount": stack.account}}
    allow("OwnBuckets", "s3:*", "*", conditions=own)
    allow("Packages", "s3:GetObject", "*")
    written = [f"arn:{stack.partition}:s3:::{name.format(region=stack.region)}/*" for name in EMR_WRITES]
    allow("EmrsOwn", "s3:PutObject", *written)
    return document
