# SPDX-License-Identifier: Apache-2.0
"""The network interfaces that Glue leaves behind, removed so that subnet and security group can be deleted.

Glue keeps them ``available`` for up to an hour after a run, and a VPC with one cannot be deleted. Those of a
run that is still being stopped are ``in-use``: they are waited for.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

PAUSE = 10.0  # seconds between two looks
GONE = "InvalidNetworkInterfaceID.NotFound"
IN_USE = "InvalidNetworkInterface.InUse"
log = logging.getLogger("custom_resources")


def handle(request: str, properties: dict[str, Any], seconds: float) -> None:
    """Remove the interfaces on delete; nothing is to be done before.

    Raises
    ------
    TimeoutError
        Some are still in use after ``seconds``. The message names them.
    """
    if request != "Delete":
        return
    ec2, deadline = boto3.client("ec2"), time.monotonic() + seconds
    filters = [
        {"Name": "subnet-id", "Values": [properties["SubnetId"]]},
        {"Name": "group-id", "Values": [properties["SecurityGroupId"]]},
    ]
    while left := _left(ec2, filters):
        if time.monotonic() + PAUSE > deadline:
            raise TimeoutError(
                f"Still in use in {properties['SubnetId']}: {', '.join(left)}. End what uses them, then "
                "destroy again."
            )
        log.info("%d interfaces are still in use: looking again in %s s", len(left), PAUSE)
        time.sleep(PAUSE)
    log.info("no interface is left in %s", properties["SubnetId"])


def _left(ec2: Any, filters: list[dict[str, Any]]) -> list[str]:
    """Delete what is available; return the ids of the rest."""
    left = []
    for page in ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters):
        for interface in page["NetworkInterfaces"]:
            id_ = interface["NetworkInterfaceId"]
            if interface["Status"] != "available" or not _deleted(ec2, id_):
                left.append(id_)
    return left


def _deleted(ec2: Any, id_: str) -> bool:
    """Delete an interface; return False when somebody took it in the meantime."""
    try:
        ec2.delete_network_interface(NetworkInterfaceId=id_)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in (GONE, IN_USE):
            raise
        return bool(code == GONE)
    log.info("deleted %s", id_)
    return True
