# SPDX-License-Identifier: Apache-2.0
"""The interfaces of Glue runs: one per worker, an hour behind the run, each an address of the subnet."""

from __future__ import annotations

import re

import pytest

from local_cloud.aws_rules.clock import Clock
from local_cloud.aws_rules.network_interfaces import NO_ADDRESSES, Interfaces, free_addresses
from local_cloud.emulator import ApiError, service
from local_cloud.services.cloudformation import conditions
from local_cloud.services.iam.condition_keys import condition_keys
from tests.unit.local_cloud.aws_rules.vpc import Vpc, call

USABLE = 11  # of a /28, without AWS's five


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def interfaces(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Interfaces:
    monkeypatch.setattr(service("ec2"), "_ACTION_MAP", dict(service("ec2")._ACTION_MAP))
    monkeypatch.setattr(conditions, "_before_delete", {})
    made = Interfaces(clock)
    made.install()
    return made


def ids(vpc: Vpc, status: str) -> list[str]:
    text = call(
        "DescribeNetworkInterfaces",
        Filter_1_Name="subnet-id", Filter_1_Value_1=vpc.subnet_id,
        Filter_2_Name="status", Filter_2_Value_1=status,
        Filter_3_Name="group-id", Filter_3_Value_1=vpc.group_id,
    )  # fmt: skip
    return re.findall("<networkInterfaceId>(eni-[^<]+)<", text)


def test_a_run_has_an_interface_for_each_worker_until_an_hour_behind_it(
    vpc: Vpc, interfaces: Interfaces, clock: Clock
) -> None:
    run = vpc.run(NumberOfWorkers=3)
    assert interfaces.attach(run) is None
    assert len(ids(vpc, "in-use")) == 3
    run.become("SUCCEEDED")
    interfaces.release(run)
    assert (len(ids(vpc, "in-use")), len(ids(vpc, "available"))) == (0, 3)
    clock.advance(3500)
    assert len(ids(vpc, "available")) == 3
    clock.advance(101)
    assert ids(vpc, "available") == []


def test_a_python_shell_job_has_one(vpc: Vpc, interfaces: Interfaces) -> None:
    vpc.job["Command"] = {"Name": "pythonshell"}
    assert interfaces.attach(vpc.run()) is None
    assert len(ids(vpc, "in-use")) == 1


def test_a_job_outside_a_vpc_has_none(vpc: Vpc, interfaces: Interfaces) -> None:
    vpc.job.pop("Connections")
    assert interfaces.attach(vpc.run()) is None
    assert ids(vpc, "in-use") == []


def test_each_interface_takes_an_address_and_a_run_without_one_fails(
    vpc: Vpc, interfaces: Interfaces, clock: Clock
) -> None:
    for _ in range(5):
        run = vpc.run()
        assert interfaces.attach(run) is None
        run.become("SUCCEEDED")
        interfaces.release(run)
    assert free_addresses(vpc.subnet_id) == USABLE - 10
    assert f"<availableIpAddressCount>{USABLE - 10}<" in call("DescribeSubnets", SubnetId_1=vpc.subnet_id)
    assert interfaces.attach(vpc.run()) == NO_ADDRESSES
    clock.advance(3601)
    assert interfaces.attach(vpc.run()) is None


def test_subnet_and_group_stay_while_an_interface_is_there(vpc: Vpc, interfaces: Interfaces) -> None:
    run = vpc.run()
    interfaces.attach(run)
    run.become("STOPPED")
    interfaces.release(run)
    for operation, parameter in (("DeleteSubnet", vpc.subnet_id), ("DeleteSecurityGroup", vpc.group_id)):
        member = {"DeleteSubnet": "SubnetId", "DeleteSecurityGroup": "GroupId"}[operation]
        assert "DependencyViolation" in call(operation, **{member: parameter})
    with pytest.raises(ApiError, match="DependencyViolation"):
        conditions._before_delete["AWS::EC2::Subnet"](vpc.subnet_id)
    for interface_id in ids(vpc, "available"):
        assert call("DeleteNetworkInterface", NetworkInterfaceId=interface_id).startswith("200")
    assert call("DeleteSecurityGroup", GroupId=vpc.group_id).startswith("200")
    assert call("DeleteSubnet", SubnetId=vpc.subnet_id).startswith("200")


def test_an_interface_in_use_is_not_deleted(vpc: Vpc, interfaces: Interfaces) -> None:
    interfaces.attach(vpc.run())
    for interface_id in ids(vpc, "in-use"):
        answer = call("DeleteNetworkInterface", NetworkInterfaceId=interface_id)
        assert "InvalidNetworkInterface.InUse" in answer


def test_a_policy_may_ask_in_which_subnet_an_interface_is(vpc: Vpc, interfaces: Interfaces) -> None:
    interfaces.attach(vpc.run())
    prefix = "arn:aws:ec2:us-east-1:000000000000"
    (interface_id, _) = ids(vpc, "in-use")
    keys = condition_keys(f"{prefix}:network-interface/{interface_id}")
    assert keys == {"ec2:subnet": f"{prefix}:subnet/{vpc.subnet_id}", "ec2:vpc": f"{prefix}:vpc/{vpc.vpc_id}"}
    assert condition_keys(f"{prefix}:network-interface/eni-0") == condition_keys("*") == {}
