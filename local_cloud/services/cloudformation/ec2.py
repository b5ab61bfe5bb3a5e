# SPDX-License-Identifier: Apache-2.0
"""EC2 resource types, through the EC2 service's own operations, so that its Describe calls show them."""

from __future__ import annotations

import re
from typing import Any

from local_cloud.emulator import provisioners, service
from local_cloud.services.cloudformation.registry import Created, Properties, ResourceType, register


class Ec2Error(ValueError):
    """EC2 refused an operation; CloudFormation shows the message as the event's reason."""


def install() -> None:
    """Register the types."""
    register(
        "AWS::EC2::EIP",
        ResourceType(create=_create_address, delete=_delete_address, change=_change_address),
    )
    register(
        "AWS::EC2::NatGateway",
        ResourceType(
            create=_create_nat,
            delete=_delete_nat,
            change=_change_nat,
            replaced_by=("SubnetId", "AllocationId"),
        ),
    )
    register("AWS::EC2::FlowLog", ResourceType(create=_create_flow_log, delete=_delete_flow_log))
    register("AWS::EC2::SecurityGroupIngress", _rule_type(egress=False))
    register("AWS::EC2::SecurityGroupEgress", _rule_type(egress=True))
    _add_vpc_attributes()


def _call(operation: str, parameters: dict[str, str]) -> str:
    """Call an EC2 query operation and return its XML answer."""
    ec2 = service("ec2")
    status, _, body = getattr(ec2, operation)({name: [value] for name, value in parameters.items()})
    text = body.decode() if isinstance(body, bytes) else str(body)
    if status >= 400:
        raise Ec2Error(_value(text, "Message"))
    return text


def _value(xml: str, tag: str) -> str:
    found = re.search(f"<{tag}>([^<]*)</{tag}>", xml)
    return found.group(1) if found else ""


def _apply_tags(physical_id: str, properties: Properties) -> None:
    provisioners()._ec2_apply_tags(physical_id, properties)


def _address_attributes(allocation_id: str) -> dict[str, Any]:
    address = service("ec2")._addresses[allocation_id]
    return {"AllocationId": allocation_id, "PublicIp": address["PublicIp"]}


def _create_address(logical_id: str, properties: Properties, stack_name: str) -> Created:
    answer = _call("_allocate_address", {"Domain": properties.get("Domain", "vpc")})
    allocation_id = _value(answer, "allocationId")
    _apply_tags(allocation_id, properties)
    return _value(answer, "publicIp"), _address_attributes(allocation_id)


def _allocation_of(public_ip: str) -> str | None:
    addresses = service("ec2")._addresses
    return next((key for key, address in addresses.items() if address["PublicIp"] == public_ip), None)


def _change_address(public_ip: str, properties: Properties) -> dict[str, Any]:
    allocation_id = _allocation_of(public_ip)
    if allocation_id is None:
        raise Ec2Error(f"The address {public_ip} does not exist")
    _apply_tags(allocation_id, properties)
    return _address_attributes(allocation_id)


def _delete_address(public_ip: str, properties: Properties) -> None:
    allocation_id = _allocation_of(public_ip)
    if allocation_id:
        _call("_release_address", {"AllocationId": allocation_id})


def _create_nat(logical_id: str, properties: Properties, stack_name: str) -> Created:
    parameters: dict[str, str] = {
        name: str(properties[name])
        for name in ("SubnetId", "AllocationId", "ConnectivityType")
        if name in properties
    }
    nat_id = _value(_call("_create_nat_gateway", parameters), "natGatewayId")
    return nat_id, _change_nat(nat_id, properties)


def _change_nat(nat_id: str, properties: Properties) -> dict[str, Any]:
    _apply_tags(nat_id, properties)
    return {"NatGatewayId": nat_id}


def _delete_nat(nat_id: str, properties: Properties) -> None:
    if nat_id in service("ec2")._nat_gateways:
        _call("_delete_nat_gateway", {"NatGatewayId": nat_id})


def _create_flow_log(logical_id: str, properties: Properties, stack_name: str) -> Created:
    parameters = {"ResourceId.1": str(properties["ResourceId"])}
    for name in ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName"):
        if name in properties:
            parameters[name] = str(properties[name])
    answer = _call("_create_flow_logs", parameters)
    flow_log_id = _value(answer, "item")
    _apply_tags(flow_log_id, properties)
    return flow_log_id, {"Id": flow_log_id}


def _delete_flow_log(flow_log_id: str, properties: Properties) -> None:
    _call("_delete_flow_logs", {"FlowLogId.1": flow_log_id})


def _rule_type(*, egress: bool) -> ResourceType:
    """Describe a rule that is a resource of its own, stored in its security group like any other rule."""
    store = "IpPermissionsEgress" if egress else "IpPermissions"

    def permissions(properties: Properties) -> list[dict[str, Any]]:
        rules: list[dict[str, Any]] = provisioners()._ec2_sg_permissions([properties])
        return rules

    def create(logical_id: str, properties: Properties, stack_name: str) -> Created:
        ec2, group_id = service("ec2"), str(properties.get("GroupId") or properties.get("GroupName"))
        group = ec2._security_groups.get(group_id)
        if group is None:
            raise Ec2Error(f"The security group '{group_id}' does not exist")
        rule = permissions(properties)[0]
        rule_id = str(ec2._sg_rule_id(group_id, egress, rule))
        group[store].append({**rule, "SecurityGroupRuleId": rule_id})
        return rule_id, {"Id": rule_id}

    def delete(rule_id: str, properties: Properties) -> None:
        ec2 = service("ec2")
        group = ec2._security_groups.get(str(properties.get("GroupId") or properties.get("GroupName")))
        if group is not None:
            rule = permissions(properties)[0]
            group[store] = [known for known in group[store] if not ec2._rules_match(known, rule)]

    return ResourceType(create=create, delete=delete)


def _add_vpc_attributes() -> None:
    """Give ``AWS::EC2::VPC`` the attributes that describe its address blocks."""
    handlers = provisioners()._RESOURCE_HANDLERS["AWS::EC2::VPC"]
    for action in ("create", "update"):
        original = handlers[action]

        def wrapped(*arguments: Any, _original: Any = original) -> Created:
            vpc_id, attributes = _original(*arguments)
            cidr = service("ec2")._vpcs[vpc_id]["CidrBlock"]
            more = {"CidrBlock": cidr, "CidrBlockAssociations": [], "Ipv6CidrBlocks": []}
            return vpc_id, {**attributes, **more}

        handlers[action] = wrapped
