# SPDX-License-Identifier: Apache-2.0
"""A job in a VPC whose logs or bookmarks are encrypted with KMS needs a way to KMS."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.aws_rules.kms_route import refusal
from local_cloud.emulator import service
from tests.unit.local_cloud.aws_rules.vpc import Vpc, call, make

LOGS = {"CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"}}
BOOKMARKS = {"JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"}}
NEITHER = {"CloudWatchEncryption": {"CloudWatchEncryptionMode": "DISABLED"}}


def encrypt(vpc: Vpc, encryption: dict[str, Any]) -> None:
    service("glue")._security_configs["encrypted"] = {"EncryptionConfiguration": encryption}
    vpc.job["SecurityConfiguration"] = "encrypted"


@pytest.mark.parametrize("encryption", [LOGS, BOOKMARKS])
def test_without_a_route_it_times_out(vpc: Vpc, encryption: dict[str, Any]) -> None:
    encrypt(vpc, encryption)
    assert "kms timeout" in str(refusal(vpc.run()))


def test_without_kms_it_needs_none(vpc: Vpc) -> None:
    assert refusal(vpc.run()) is None
    encrypt(vpc, NEITHER)
    assert refusal(vpc.run()) is None


def test_outside_a_vpc_it_needs_none(vpc: Vpc) -> None:
    encrypt(vpc, LOGS)
    del vpc.job["Connections"]
    assert refusal(vpc.run()) is None


def test_an_endpoint_is_a_route(vpc: Vpc) -> None:
    encrypt(vpc, LOGS)
    service_name = "com.amazonaws.us-east-1.kms"
    call("CreateVpcEndpoint", VpcId=vpc.vpc_id, ServiceName=service_name, VpcEndpointType="Interface")
    assert refusal(vpc.run()) is None


@pytest.mark.parametrize(
    ("target", "reached"), [({"NatGatewayId": "nat-1"}, True), ({"GatewayId": "igw-1"}, False)]
)
def test_a_nat_gateway_is_a_route_and_an_internet_gateway_is_none(
    vpc: Vpc, target: dict[str, str], reached: bool
) -> None:
    encrypt(vpc, LOGS)
    table = make("CreateRouteTable", "routeTableId", VpcId=vpc.vpc_id)
    call("AssociateRouteTable", RouteTableId=table, SubnetId=vpc.subnet_id)
    call("CreateRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    assert (refusal(vpc.run()) is None) is reached
