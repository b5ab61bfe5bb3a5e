# SPDX-License-Identifier: Apache-2.0
"""The state machine of the pipeline without an address left: it waits, and goes on when there is one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import Client, wait_until

DEFINITION = (Path(__file__).parents[4] / "state_machine" / "pipeline.asl.json").read_text()
USABLE = 11  # of a /28
INPUT = {
    name: f"s3://tests/{name}" for name in ("input_uri", "clean_uri", "rejected_uri", "processed_uri")
} | {"run_date": "2026-01-01", "trace_header": "Root=1-5759e988-bd862e3fe1be46a994272793"}


@pytest.fixture
def taken(aws: Client, bucket: str) -> Iterator[list[str]]:
    """A job in a subnet, and the interfaces that have all of its addresses."""
    ec2, glue = aws("ec2"), aws("glue")
    vpc = ec2.create_vpc(CidrBlock="10.4.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.4.0.0/28")["Subnet"]["SubnetId"]
    required = {"SubnetId": subnet, "SecurityGroupIdList": []}
    connection = {"Name": "full", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput={**connection, "PhysicalConnectionRequirements": required})
    aws("s3").put_object(Bucket=bucket, Key="code/nothing.py", Body=b"print('ran')")
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/code/nothing.py"}
    members: dict[str, Any] = {"NumberOfWorkers": 2, "WorkerType": "G.1X", "GlueVersion": "5.1"}
    glue.create_job(
        Name="crowded", Role="r", Command=command, Connections={"Connections": ["full"]}, **members
    )
    made = (ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"] for _ in range(USABLE))
    yield [interface["NetworkInterfaceId"] for interface in made]
    left = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])
    for interface in left["NetworkInterfaces"]:
        ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def test_a_run_waits_for_addresses_and_then_runs(aws: Client, taken: list[str]) -> None:
    definition = DEFINITION.replace("${CleanJobName}", "crowded").replace("${ProcessJobName}", "crowded")
    states = json.loads(definition)
    states["States"]["Wait for Addresses"]["Seconds"] = 1
    sfn = aws("stepfunctions")
    role = "arn:aws:iam::000000000000:role/r"
    machine = sfn.create_state_machine(name="crowded", roleArn=role, definition=json.dumps(states))
    arn = sfn.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(INPUT))[
        "executionArn"
    ]

    def entered() -> list[str]:
        events = sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        return [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]

    wait_until(lambda: "Wait for Addresses" in entered())
    for interface in taken:
        aws("ec2").delete_network_interface(NetworkInterfaceId=interface)
    ended = wait_until(lambda: (d := sfn.describe_execution(executionArn=arn))["status"] != "RUNNING" and d)
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["input_uri"] == INPUT["input_uri"]
    assert entered()[-2:] == ["Process Data", "Succeed"]
