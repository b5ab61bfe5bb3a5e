# SPDX-License-Identifier: Apache-2.0
"""What the jobs and the collector share, whosever the VPC is."""

from __future__ import annotations

from typing import Final

import aws_cdk.aws_ec2 as ec2
from constructs import Construct

OTLP_PORTS: Final = (4317, 4318)  # gRPC, HTTP
HTTPS: Final = ec2.Port.tcp(443)


class JobNetwork(Construct):
    """Subnets and security groups of jobs and collector.

    Attributes
    ----------
    vpc
        Where both are.
    job_subnet
        The one subnet of the Glue connection (a connection takes one).
    collector_subnets, collector_has_public_ip
        Where the collector's tasks run, and whether they have a public address.
    job_security_group, collector_security_group
        The second lets the first one in, and nobody else.
    """

    vpc: ec2.IVpc
    job_subnet: ec2.ISubnet
    collector_subnets: ec2.SubnetSelection
    collector_has_public_ip: bool
    job_security_group: ec2.SecurityGroup
    collector_security_group: ec2.SecurityGroup

    def let_in(self, client: ec2.IConnectable) -> None:
        """Let somebody else send spans and metrics to the collector."""
        for port in OTLP_PORTS:
            self.collector_security_group.connections.allow_from(
                client, ec2.Port.tcp(port), f"OTLP from the jobs on {port}"
            )

    def _add_security_groups(self) -> None:
        self.job_security_group = self._security_group("Jobs", "Glue jobs")
        self.collector_security_group = self._security_group("Collector", "OpenTelemetry collector")
        # https://docs.aws.amazon.com/glue/latest/dg/setup-vpc-for-glue-access.html
        self.job_security_group.connections.allow_internally(
            ec2.Port.all_tcp(), "Spark driver and executors, as Glue demands"
        )
        self.let_in(self.job_security_group)
        for group in (self.job_security_group, self.collector_security_group):
            group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS, "AWS APIs")

    def _security_group(self, id_: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, id_, vpc=self.vpc, description=description, allow_all_outbound=False)
