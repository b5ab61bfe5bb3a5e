# SPDX-License-Identifier: Apache-2.0
"""Who may talk to whom."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.grants import readable
from with_airflow.stacks.network import SUBNETS as AIRFLOW_SUBNETS


def group_of(reference: object) -> str:
    """Logical id of the security group behind a GetAtt, shortened to the part we gave it."""
    assert isinstance(reference, dict)
    logical_id: str = reference["Fn::GetAtt"][0]
    return logical_id.removeprefix("Network")[:-8]


def ingress(template: Synthesized) -> set[tuple[str, str, int, int]]:
    """(to, from, first port, last port) of every ingress rule between security groups."""
    return {
        (
            group_of(rule["GroupId"]),
            group_of(rule["SourceSecurityGroupId"]),
            rule["FromPort"],
            rule["ToPort"],
        )
        for rule in template.of_type("AWS::EC2::SecurityGroupIngress").values()
    }


def subnets_of_the_jobs(template: Synthesized) -> list[ipaddress.IPv4Network]:
    """The address blocks of the subnets that a Glue connection may name."""
    return [
        ipaddress.IPv4Network(properties["CidrBlock"])
        for id_, properties in template.of_type("AWS::EC2::Subnet").items()
        if id_.startswith("NetworkVpcJobs")
    ]


def test_the_airflow_subnets_are_none_of_the_jobs(default: Synthesized) -> None:
    for block in AIRFLOW_SUBNETS:
        assert not any(ipaddress.IPv4Network(block).overlaps(own) for own in subnets_of_the_jobs(default))


def test_only_the_jobs_reach_the_collector_and_only_with_otlp(default: Synthesized) -> None:
    assert {rule for rule in ingress(default) if rule[0] == "Collector"} == {
        ("Collector", "Jobs", 4317, 4317),
        ("Collector", "Jobs", 4318, 4318),
    }


def test_the_x_ray_endpoint_is_for_the_jobs_and_the_collector(default: Synthesized) -> None:
    assert {rule for rule in ingress(default) if rule[0] == "XRayEndpointAccess"} == {
        ("XRayEndpointAccess", "Jobs", 443, 443),
        ("XRayEndpointAccess", "Collector", 443, 443),
    }


def test_the_jobs_reach_each_other(default: Synthesized) -> None:
    assert ("Jobs", "Jobs", 0, 65535) in ingress(default)


@pytest.mark.parametrize("variant", ["default", "nat"])
def test_nobody_is_let_in_by_address(variant: str, request: pytest.FixtureRequest) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    for properties in template.of_type("AWS::EC2::SecurityGroup").values():
        assert "SecurityGroupIngress" not in properties
    for rule in template.of_type("AWS::EC2::SecurityGroupIngress").values():
        assert "CidrIp" not in rule
        assert "CidrIpv6" not in rule


@pytest.mark.parametrize("variant", ["default", "nat"])
def test_out_goes_nothing_by_address_but_https(variant: str, request: pytest.FixtureRequest) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    rules = [
        rule
        for properties in template.of_type("AWS::EC2::SecurityGroup").values()
        for rule in properties.get("SecurityGroupEgress", [])
        if rule["CidrIp"] != "255.255.255.255/32"  # CDK's way to say: nothing
    ]
    assert {(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in rules} == {("0.0.0.0/0", 443, 443)}


def test_the_default_has_no_nat_gateway_and_two_endpoints(default: Synthesized) -> None:
    assert not default.of_type("AWS::EC2::NatGateway")
    endpoints = default.of_type("AWS::EC2::VPCEndpoint").values()
    assert sorted(endpoint["VpcEndpointType"] for endpoint in endpoints) == ["Gateway", "Interface"]


def test_the_x_ray_endpoint_is_in_one_zone_and_serves_this_account(default: Synthesized) -> None:
    endpoint = next(
        properties
        for properties in default.of_type("AWS::EC2::VPCEndpoint").values()
        if properties["VpcEndpointType"] == "Interface"
    )
    assert len(endpoint["SubnetIds"]) == 1
    assert endpoint["PrivateDnsEnabled"] is True
    (statement,) = endpoint["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize("variant", ["default", "nat"])
def test_the_s3_endpoint_passes_this_accounts_calls_to_the_data_and_the_code(
    variant: str, request: pytest.FixtureRequest
) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    (endpoint,) = [
        properties
        for properties in template.of_type("AWS::EC2::VPCEndpoint").values()
        if properties["VpcEndpointType"] == "Gateway"
    ]
    (statement,) = endpoint["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
    assert sorted(readable(arn) for arn in statement["Resource"]) == [
        "DataBucket",
        "DataBucket/*",
        "cdk-hnb659fds-assets-ACCOUNT-REGION",
        "cdk-hnb659fds-assets-ACCOUNT-REGION/*",
    ]


def test_the_nat_variant_has_one_gateway_and_nobody_with_a_public_address(nat: Synthesized) -> None:
    assert len(nat.of_type("AWS::EC2::NatGateway")) == 1
    assert [endpoint["VpcEndpointType"] for endpoint in nat.of_type("AWS::EC2::VPCEndpoint").values()] == [
        "Gateway"
    ]
    service = nat.only("AWS::ECS::Service")
    assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED"


@pytest.mark.parametrize("variant", ["default", "nat"])
def test_no_subnet_hands_out_public_addresses_by_itself(variant: str, request: pytest.FixtureRequest) -> None:
    subnets = request.getfixturevalue(variant).of_type("AWS::EC2::Subnet").values()
    assert len(subnets) == 4
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets)


def test_flow_logs_are_a_choice(synth: Callable[..., Synthesized]) -> None:
    assert synth(flow_logs="disabled").of_type("AWS::EC2::FlowLog") == {}


def test_flows_are_logged_to_the_log_bucket(default: Synthesized) -> None:
    flow_log = default.only("AWS::EC2::FlowLog")
    assert flow_log["LogDestinationType"] == "s3"
    assert flow_log["TrafficType"] == "ALL"


def test_zones_are_a_choice(synth: Callable[..., Synthesized]) -> None:
    template = synth(zones="us-east-1b,us-east-1d")
    subnets = template.of_type("AWS::EC2::Subnet")
    assert {subnet["AvailabilityZone"] for subnet in subnets.values()} == {"us-east-1b", "us-east-1d"}
    connection = template.only("AWS::Glue::Connection")["ConnectionInput"]
    assert connection["PhysicalConnectionRequirements"]["AvailabilityZone"] == "us-east-1b"
