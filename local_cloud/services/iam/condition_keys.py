# SPDX-License-Identifier: Apache-2.0
"""Condition keys of EC2 that depend on the resource: where a network interface is.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from local_cloud.emulator import service

_INTERFACE = ":network-interface/"


def condition_keys(resource_arn: str) -> dict[str, str]:
    """Return the keys of a resource, in lower case; none for what is not there."""
    prefix, found, interface_id = resource_arn.partition(_INTERFACE)
    interface = service("ec2")._network_interfaces.get(interface_id) if found else None
    if interface is None:
        return {}
    return {
        "ec2:subnet": f"{prefix}:subnet/{interface['SubnetId']}",
        "ec2:vpc": f"{prefix}:vpc/{interface['VpcId']}",
    }
