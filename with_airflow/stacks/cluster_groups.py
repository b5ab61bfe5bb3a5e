# SPDX-License-Identifier: Apache-2.0
"""The security groups of a transient EMR cluster in a private subnet."""

from __future__ import annotations

import aws_cdk.aws_ec2 as ec2
from constructs import Construct

from glue_tracing import Network
from glue_tracing.collector.job_network import OTLP_PORTS

HTTPS_PORT = 443
# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-man-sec-groups.html
INTO_NODES, INTO_SERVICE = 8443, 9443


class ClusterGroups(Construct):
    """Every rule that EMR needs: one that EMR adds by itself would keep its group from being deleted.

    Attributes
    ----------
    nodes
        Of the primary, the core and the task nodes. The collector and the X-Ray endpoint let it in.
    service
        Of EMR's own interface into the VPC.
    """

    def __init__(self, scope: Construct, id_: str, *, network: Network) -> None:
        super().__init__(scope, id_)
        nodes = self.nodes = ec2.SecurityGroup(
            self, "Nodes", vpc=network.vpc, description="EMR nodes", allow_all_outbound=True
        )
        service = self.service = ec2.SecurityGroup(
            self, "Service", vpc=network.vpc, description="EMR service access", allow_all_outbound=False
        )
        for kind in (ec2.Port.all_tcp(), ec2.Port.all_udp(), ec2.Port.all_icmp()):
            nodes.add_ingress_rule(nodes, kind, "Between nodes")
        nodes.add_ingress_rule(service, ec2.Port.tcp(INTO_NODES), "EMR to the nodes")
        service.add_egress_rule(nodes, ec2.Port.tcp(INTO_NODES), "EMR to the nodes")
        service.add_ingress_rule(nodes, ec2.Port.tcp(INTO_SERVICE), "Nodes to EMR")
        self._allow_into("Collector", network.collector_security_group, OTLP_PORTS[1])
        if network.xray_security_group is not None:
            self._allow_into("XRay", network.xray_security_group, HTTPS_PORT)

    def _allow_into(self, name: str, group: ec2.ISecurityGroup, port: int) -> None:
        """Add a rule of this stack, so that the main one knows nothing of it."""
        ec2.CfnSecurityGroupIngress(
            self,
            f"Into{name}",
            group_id=group.security_group_id,
            source_security_group_id=self.nodes.security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description="From EMR nodes",
        )
