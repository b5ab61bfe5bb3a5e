# SPDX-License-Identifier: Apache-2.0
"""A VPC with a Glue job in it, inside ministack's own modules: no cloud is started."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from local_cloud.emulator import service
from local_cloud.services.glue.run import JobRun


@dataclass
class Vpc:
    """A VPC with one subnet, a group, and a connection into them."""

    vpc_id: str
    subnet_id: str
    group_id: str
    job: dict[str, Any] = field(default_factory=dict)

    def run(self, **request: Any) -> JobRun:
        """Make a run that nobody drives."""
        return JobRun(job=self.job, request=request, on_change=lambda run: None)


def call(operation: str, **parameters: str) -> str:
    """Call an operation of EC2 and return its XML."""
    request = {name.replace("_", "."): [value] for name, value in parameters.items()}
    status, _, body = service("ec2")._ACTION_MAP[operation](request)
    text = body.decode() if isinstance(body, bytes) else str(body)
    return f"{status} {text}"


def make(operation: str, tag: str, **parameters: str) -> str:
    """Call an operation of EC2 and return the id that it answers with."""
    found = re.search(f"<{tag}>([^<]+)<", call(operation, **parameters))
    assert found
    return found[1]


def make_vpc() -> Vpc:
    """Make one of each, and a job that runs there."""
    vpc_id = make("CreateVpc", "vpcId", CidrBlock="10.0.0.0/16")
    subnet_id = make("CreateSubnet", "subnetId", VpcId=vpc_id, CidrBlock="10.0.0.0/28")
    group_id = make("CreateSecurityGroup", "groupId", VpcId=vpc_id, GroupName="g", GroupDescription="d")
    service("glue")._connections["into-the-vpc"] = {
        "PhysicalConnectionRequirements": {"SubnetId": subnet_id, "SecurityGroupIdList": [group_id]}
    }
    job = {"Name": "job", "Role": "r", "NumberOfWorkers": 2, "Connections": {"Connections": ["into-the-vpc"]}}
    return Vpc(vpc_id, subnet_id, group_id, job)
