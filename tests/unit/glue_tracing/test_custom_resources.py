# SPDX-License-Identifier: Apache-2.0
"""The stack's custom resources, with an EC2 of moto and an ECS that refuses as the real one does."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from glue_tracing.custom_resources.function import capacity_providers, handler, network_interfaces

REFUSAL = "Unable to assume the service linked role. Please verify that the ECS service linked role exists."


def error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity_providers, "PAUSE", 0.0)
    monkeypatch.setattr(network_interfaces, "PAUSE", 0.0)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


class Ecs:
    """Refuses some times."""

    def __init__(self, *refusals: str) -> None:
        self.refusals = list(refusals)
        self.attached: list[dict[str, Any]] = []

    def put_cluster_capacity_providers(self, **request: Any) -> None:
        if self.refusals:
            raise error("InvalidParameterException", self.refusals.pop(0))
        self.attached.append(request)


@pytest.fixture
def attach(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(ecs: Ecs, *, request: str = "Create", seconds: float = 60) -> None:
        monkeypatch.setattr(boto3, "client", lambda name: ecs)
        properties = {"Cluster": "c", "CapacityProviders": ["FARGATE", "FARGATE_SPOT"]}
        capacity_providers.handle(request, properties, seconds)

    return run


def test_capacity_providers_are_attached_when_the_role_can_be_assumed(attach: Any) -> None:
    ecs = Ecs(REFUSAL, REFUSAL)
    attach(ecs)
    assert [(r["cluster"], r["capacityProviders"]) for r in ecs.attached] == [
        ("c", ["FARGATE", "FARGATE_SPOT"])
    ]


def test_another_refusal_is_not_tried_again(attach: Any) -> None:
    ecs = Ecs("no such cluster", REFUSAL)
    with pytest.raises(ClientError, match="no such cluster"):
        attach(ecs)
    assert ecs.refusals == [REFUSAL]


def test_a_role_that_never_comes_is_reported_in_time(attach: Any) -> None:
    with pytest.raises(ClientError, match="Unable to assume"):
        attach(Ecs(REFUSAL, REFUSAL), seconds=-1)


def test_capacity_providers_go_with_the_cluster(attach: Any) -> None:
    ecs = Ecs()
    attach(ecs, request="Delete")
    assert ecs.attached == []


class Network:
    """A VPC with what Glue left in it."""

    def __init__(self) -> None:
        self.ec2 = boto3.client("ec2")
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet, self.other = (
            self.ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
            for block in ("10.0.0.0/24", "10.0.1.0/24")
        )
        self.group = self.ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]

    def add(self, subnet: str) -> str:
        made = self.ec2.create_network_interface(SubnetId=subnet, Groups=[self.group])
        return str(made["NetworkInterface"]["NetworkInterfaceId"])

    @property
    def interfaces(self) -> set[str]:
        return {i["NetworkInterfaceId"] for i in self.ec2.describe_network_interfaces()["NetworkInterfaces"]}

    def release(self, *, request: str = "Delete", seconds: float = 60) -> None:
        properties = {"SubnetId": self.subnet, "SecurityGroupId": self.group}
        network_interfaces.handle(request, properties, seconds)


@pytest.fixture
def network() -> Iterator[Network]:
    with mock_aws():
        yield Network()


def test_what_is_available_is_removed_and_nothing_of_another_subnet(network: Network) -> None:
    left, elsewhere = network.add(network.subnet), network.add(network.other)
    network.release()
    assert left not in network.interfaces
    assert elsewhere in network.interfaces


def test_nothing_is_removed_before_the_end(network: Network) -> None:
    left = network.add(network.subnet)
    for request in ("Create", "Update"):
        network.release(request=request)
    assert left in network.interfaces


class InUse:
    """An EC2 whose one interface is in use for some looks, and taken by somebody in between."""

    def __init__(self, *looks: str) -> None:
        self.looks, self.deleted = list(looks), 0

    def get_paginator(self, name: str) -> InUse:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        status = self.looks.pop(0) if self.looks else None
        found = [{"NetworkInterfaceId": "eni-1", "Status": status}] if status else []
        return [{"NetworkInterfaces": found}]

    def delete_network_interface(self, **_: Any) -> None:
        self.deleted += 1
        if self.deleted == 1:
            raise error("InvalidNetworkInterface.InUse", "taken")


def test_what_is_in_use_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = InUse("in-use", "available", "in-use", "available")
    monkeypatch.setattr(boto3, "client", lambda name: ec2)
    network_interfaces.handle("Delete", {"SubnetId": "s", "SecurityGroupId": "g"}, 60)
    assert (ec2.looks, ec2.deleted) == ([], 2)


def test_what_stays_in_use_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", lambda name: InUse(*["in-use"] * 3))
    with pytest.raises(TimeoutError, match="Still in use in s: eni-1"):
        network_interfaces.handle("Delete", {"SubnetId": "s", "SecurityGroupId": "g"}, -1)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    def urlopen(request: urllib.request.Request, timeout: float) -> contextlib.AbstractContextManager[None]:
        assert isinstance(request.data, bytes)
        sent.append(json.loads(request.data))
        return contextlib.nullcontext()

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return sent


def event(kind: str) -> dict[str, Any]:
    return {
        "RequestType": "Delete",
        "ResourceType": kind,
        "ResponseURL": "https://cloudformation.test/",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Logical",
        "ResourceProperties": {"Cluster": "c"},
    }


@pytest.mark.parametrize(
    ("kind", "status"), [("Custom::CapacityProviders", "SUCCESS"), ("Custom::Unknown", "FAILED")]
)
def test_cloudformation_hears_of_either_end(kind: str, status: str, answers: list[dict[str, Any]]) -> None:
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
    handler.handler(event(kind), context)
    (answer,) = answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == (status, "Logical")
