# SPDX-License-Identifier: Apache-2.0
"""What all Spark jobs of the pipeline share."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_s3_assets as assets
from constructs import Construct

from stacks.collector import Collector
from stacks.network import Network
from stacks.packages import glue_library_zip
from stacks.settings import Settings

DESCRIBE_NETWORK = [  # what Glue checks before it places a run
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
]
XRAY_OTLP = "xray"  # X-Ray's endpoint of the job's region, in the words of ``xray_helper``


class GlueRuntime(Construct):
    """The connection into the collector's VPC, the library, choices.

    Attributes
    ----------
    connection
        None where there is no collector: the jobs then run in no VPC.
    otlp_endpoint
        The collector's, or ``xray`` where the jobs send to X-Ray's own; None: they write segments themselves.
    library
        ``transforms``, ``xray_helper`` and their wheels, for ``--extra-py-files``: a start installs nothing.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        collector: Collector | None,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        self._network = None if collector is None else collector.network
        xray = XRAY_OTLP if settings.xray_otlp == "enabled" else None
        self.otlp_endpoint = xray if collector is None else collector.endpoint
        self.key = key
        self.settings = settings
        self.connection = None if self._network is None else self._build_connection(self._network)
        self.library = assets.Asset(self, "Library", path=str(glue_library_zip()))

    def _build_connection(self, network: Network) -> glue.Connection:
        return glue.Connection(
            self,
            "Connection",
            type=glue.ConnectionType.NETWORK,
            network=glue.ConnectionNetwork.subnet(network.job_subnet),
            security_groups=[network.job_security_group],
        )

    def connect_statements(self) -> list[iam.PolicyStatement]:
        """Return what a job's role needs so that Glue can put the run's network interfaces into the VPC.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        """
        if self._network is None or self.connection is None:
            return []
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
            _allow("ReadConnection", ["glue:GetConnection"], [catalog, self.connection.connection_arn]),
            _allow("MakeInterface", ["ec2:CreateNetworkInterface"], [interfaces, subnet, group]),
            _allow("DropInterface", ["ec2:CreateTags", "ec2:DeleteNetworkInterface"], [interfaces]),
            # None of these knows resources
            _allow("DescribeNetwork", DESCRIBE_NETWORK, ["*"]),
        ]


def _allow(sid: str, actions: list[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=actions, resources=resources)
