# SPDX-License-Identifier: Apache-2.0
"""Where in a VPC a Glue job's workers run: what the first network connection of the job says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from local_cloud.emulator import service


class JobNetwork(NamedTuple):
    """Subnet and security groups of a connection."""

    subnet_id: str
    security_group_ids: tuple[str, ...]


def job_network(job: Mapping[str, Any]) -> JobNetwork | None:
    """Return the network of a job; None when it runs in no VPC.

    Source: https://docs.aws.amazon.com/glue/latest/dg/connection-properties.html
    """
    known = service("glue")._connections
    for name in (job.get("Connections") or {}).get("Connections", []):
        required = known.get(name, {}).get("PhysicalConnectionRequirements") or {}
        if required.get("SubnetId"):
            return JobNetwork(required["SubnetId"], tuple(required.get("SecurityGroupIdList") or ()))
    return None
