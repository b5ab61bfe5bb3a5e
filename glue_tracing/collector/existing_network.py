# SPDX-License-Identifier: Apache-2.0
"""A VPC that is there already, with jobs and collector in it."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
from constructs import Construct

from glue_tracing.collector.job_network import JobNetwork

INFO: Final = "glue-tracing:endpoints"


class ExistingNetwork(JobNetwork):
    """Adds two security groups to a VPC, and no route: what the subnets lack is said at synth.

    Parameters
    ----------
    vpc
        Two kinds of subnets are looked for: private ones for the jobs, and for the collector those with a way
        to the container registry, over a NAT gateway or with a public address.
    job_subnet
        Another subnet for the jobs than the first private one.

    Raises
    ------
    ValueError
        The VPC has no private subnet, which jobs need: Glue gives them no public address.
    """

    def __init__(
        self, scope: Construct, id_: str, *, vpc: ec2.IVpc, job_subnet: ec2.ISubnet | None = None
    ) -> None:
        super().__init__(scope, id_)
        self.vpc = vpc
        jobs = [*([job_subnet] if job_subnet else ()), *vpc.private_subnets, *vpc.isolated_subnets]
        if not jobs:
            raise ValueError(
                f"The VPC of {self.node.path} has no private subnet, and Glue gives jobs no public address; "
                "give another vpc, or a job_subnet with a route to S3."
            )
        self.job_subnet = jobs[0]
        self.collector_has_public_ip = not vpc.private_subnets and bool(vpc.public_subnets)
        kind = ec2.SubnetType.PRIVATE_ISOLATED
        if vpc.private_subnets or vpc.public_subnets:
            kind = (
                ec2.SubnetType.PUBLIC if self.collector_has_public_ip else ec2.SubnetType.PRIVATE_WITH_EGRESS
            )
        self.collector_subnets = ec2.SubnetSelection(subnet_type=kind)
        self._add_security_groups()
        self._say_what_is_needed(kind)

    def _say_what_is_needed(self, collector: ec2.SubnetType) -> None:
        region = cdk.Stack.of(self).region
        say = cdk.Annotations.of(self).add_info
        if not self.vpc.private_subnets:
            say(
                f"The jobs' subnet {self.job_subnet.node.path} has no NAT gateway: it needs the gateway "
                f"endpoint com.amazonaws.{region}.s3, and com.amazonaws.{region}.xray for a time without a "
                "collector."
            )
        if collector == ec2.SubnetType.PRIVATE_ISOLATED:
            say(
                "The collector pulls its image from public.ecr.aws, which no VPC endpoint reaches: give its "
                "subnets a NAT gateway."
            )
