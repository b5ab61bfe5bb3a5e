# SPDX-License-Identifier: Apache-2.0
"""A Glue run in a VPC has a network interface for each worker, which stays ``available`` an hour behind it.

Until it is gone, it takes an address of the subnet, and neither the subnet nor its security groups can be
deleted. Sources:

- https://repost.aws/articles/ARTT49mVccTzuA9bQ2UUQq2g: "lack of IP addresses" fails a run
- https://beyond5nines.com/look-ma-no-servers-01/: one per worker, ``available`` for an hour and more
- https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: five addresses are AWS's own
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: DependencyViolation, InUse
"""

from __future__ import annotations

import ipaddress
import re
import threading
from typing import Any

from local_cloud.aws_rules.clock import Clock
from local_cloud.aws_rules.job_network import JobNetwork, job_network
from local_cloud.emulator import ApiError, service
from local_cloud.services.cloudformation.conditions import before_delete
from local_cloud.services.glue.run import TERMINAL, JobRun

LINGER_S = 3600.0
RESERVED = 5  # addresses of a subnet that AWS keeps
NO_ADDRESSES = "The specified subnet does not have enough free addresses to satisfy the request."
_ID = re.compile(r"<networkInterfaceId>(eni-\w+)<")
_FILTERS = {
    "subnet-id": lambda interface: [interface["SubnetId"]],
    "vpc-id": lambda interface: [interface["VpcId"]],
    "status": lambda interface: [interface["Status"]],
    "group-id": lambda interface: [group["GroupId"] for group in interface["Groups"]],
    "network-interface-id": lambda interface: [interface["NetworkInterfaceId"]],
}


class Interfaces:
    """The interfaces of all runs.

    Parameters
    ----------
    clock
        Says when an interface's hour is over.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._of_run: dict[str, list[str]] = {}
        self._expiry: dict[str, float] = {}

    def install(self) -> None:
        """Put the rule in front of EC2's operations and of CloudFormation, which passes them by."""
        actions = service("ec2")._ACTION_MAP
        describe, subnets = actions["DescribeNetworkInterfaces"], actions["DescribeSubnets"]
        actions["DescribeNetworkInterfaces"] = lambda request: self._describe(describe, request)
        actions["DescribeSubnets"] = lambda request: self._describe_subnets(subnets, request)
        for name, condition, member in (
            ("DeleteNetworkInterface", _check_unattached, "NetworkInterfaceId"),
            ("DeleteSubnet", self.check_subnet, "SubnetId"),
            ("DeleteSecurityGroup", self.check_group, "GroupId"),
        ):
            actions[name] = _checked(actions[name], condition, member)
        before_delete("AWS::EC2::Subnet", self.check_subnet)
        before_delete("AWS::EC2::SecurityGroup", self.check_group)

    def attach(self, run: JobRun) -> str | None:
        """Create a run's interfaces; return the error of a run for which the subnet has no address left."""
        network, workers = job_network(run.job), int(run.record.get("NumberOfWorkers", 1))  # 1: Python shell
        if network is None:
            return None
        with self._lock:
            self._expire()
            if free_addresses(network.subnet_id) < workers:
                return NO_ADDRESSES
            self._of_run[run.id] = [_create(network, run) for _ in range(workers)]
        return None

    def release(self, run: JobRun) -> None:
        """Leave the interfaces of an ended run behind."""
        if run.state not in TERMINAL:
            return
        with self._lock:
            for interface_id in self._of_run.pop(run.id, []):
                interface = service("ec2")._network_interfaces.get(interface_id)
                if interface is not None:
                    interface.update(Status="available", Attachment=None)
                    self._expiry[interface_id] = self._clock.now() + LINGER_S

    def check_subnet(self, subnet_id: str) -> None:
        """Refuse to delete a subnet in which there is an interface.

        Raises
        ------
        ApiError
            ``DependencyViolation``.
        """
        self._expire()
        if _interfaces_in(subnet_id):
            raise ApiError(
                "DependencyViolation", f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            )

    def check_group(self, group_id: str) -> None:
        """Refuse to delete a security group that an interface has.

        Raises
        ------
        ApiError
            ``DependencyViolation``.
        """
        self._expire()
        for interface in service("ec2")._network_interfaces.values():
            if any(group["GroupId"] == group_id for group in interface["Groups"]):
                raise ApiError("DependencyViolation", f"resource {group_id} has a dependent object")

    def _expire(self) -> None:
        with self._lock:
            for interface_id in [known for known, at in self._expiry.items() if at <= self._clock.now()]:
                del self._expiry[interface_id]
                service("ec2")._network_interfaces.pop(interface_id, None)

    def _describe(self, describe: Any, request: Any) -> Any:
        """Apply the filters, which ministack leaves out."""
        self._expire()
        ec2 = service("ec2")
        filters = {name: values for name, values in ec2._parse_filters(request).items() if name in _FILTERS}
        found = [
            interface["NetworkInterfaceId"]
            for interface in ec2._network_interfaces.values()
            if all(set(_FILTERS[name](interface)) & set(values) for name, values in filters.items())
        ]
        if not filters:
            return describe(request)
        names = {
            f"NetworkInterfaceId.{number}": [name] for number, name in enumerate(found or ["none"], start=1)
        }
        return describe({**request, **names})

    def _describe_subnets(self, describe: Any, request: Any) -> Any:
        """Count the free addresses, which ministack takes for a constant."""
        self._expire()
        for subnet_id, subnet in service("ec2")._subnets.items():
            subnet["AvailableIpAddressCount"] = free_addresses(subnet_id)
        return describe(request)


def free_addresses(subnet_id: str) -> int:
    """Return how many addresses of a subnet nobody has."""
    subnet = service("ec2")._subnets.get(subnet_id)
    if subnet is None:
        return 0
    size: int = ipaddress.ip_network(subnet["CidrBlock"]).num_addresses
    return size - RESERVED - len(_interfaces_in(subnet_id))


def _interfaces_in(subnet_id: str) -> list[dict[str, Any]]:
    interfaces = service("ec2")._network_interfaces.values()
    return [interface for interface in interfaces if interface["SubnetId"] == subnet_id]


def _create(network: JobNetwork, run: JobRun) -> str:
    ec2 = service("ec2")
    groups = {
        f"SecurityGroupId.{number}": [group]
        for number, group in enumerate(network.security_group_ids, start=1)
    }
    description = f"Attached to Glue using role: {run.job.get('Role', '')}"
    request = {"SubnetId": [network.subnet_id], "Description": [description], **groups}
    _, _, body = ec2._create_network_interface(request)
    found = _ID.search(body.decode() if isinstance(body, bytes) else str(body))
    assert found  # noqa: S101 - ministack answers with the id
    attachment = {"AttachmentId": f"ela-attach-{run.id[3:20]}", "Status": "attached", "DeviceIndex": 1}
    ec2._network_interfaces[found[1]].update(Status="in-use", Attachment=attachment)
    return found[1]


def _check_unattached(interface_id: str) -> None:
    interface = service("ec2")._network_interfaces.get(interface_id)
    if interface is not None and interface["Status"] == "in-use":
        raise ApiError(
            "InvalidNetworkInterface.InUse", f"Network interface '{interface_id}' is currently in use."
        )


def _checked(operation: Any, condition: Any, member: str) -> Any:
    def answer(request: dict[str, list[str]]) -> Any:
        ec2 = service("ec2")
        try:
            condition(ec2._p(request, member))
        except ApiError as error:
            return ec2._error(error.code, error.message, 400)
        return operation(request)

    return answer
