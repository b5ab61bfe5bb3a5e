# SPDX-License-Identifier: Apache-2.0
"""A job in a VPC that encrypts logs or bookmarks with KMS needs a route to KMS, and times out without one.

Source: "Creating a route to AWS KMS for VPC jobs and crawlers", which names the "kms timeout",
https://docs.aws.amazon.com/glue/latest/dg/encryption-security-configuration.html
"""

from __future__ import annotations

from local_cloud.aws_rules.job_network import job_network
from local_cloud.emulator import service
from local_cloud.services.glue.run import JobRun

_MODES = {"CloudWatchEncryption": "SSE-KMS", "JobBookmarksEncryption": "CSE-KMS"}
_EVERYWHERE = "0.0.0.0/0"


def refusal(run: JobRun) -> str | None:
    """Return the error of a run that cannot reach KMS and has to; None for every other."""
    network = job_network(run.job)
    if network is None or not _uses_kms(str(run.record.get("SecurityConfiguration", ""))):
        return None
    if _has_nat(network.subnet_id) or _has_endpoint(network.subnet_id):
        return None
    return f"kms timeout: no route from subnet {network.subnet_id} to AWS KMS"


def _uses_kms(name: str) -> bool:
    configuration = service("glue")._security_configs.get(name) or {}
    encryption = configuration.get("EncryptionConfiguration") or {}
    return any((encryption.get(kind) or {}).get(f"{kind}Mode") == mode for kind, mode in _MODES.items())


def _has_nat(subnet_id: str) -> bool:
    """Return whether the subnet's routes lead everywhere; an internet gateway helps no private address."""
    return any(
        route.get("DestinationCidrBlock") == _EVERYWHERE
        and not str(route.get("GatewayId") or "").startswith("igw-")
        for table in service("ec2")._route_tables.values()
        if any(association.get("SubnetId") == subnet_id for association in table.get("Associations", []))
        for route in table.get("Routes", [])
    )


def _has_endpoint(subnet_id: str) -> bool:
    ec2 = service("ec2")
    vpc_id = ec2._subnets.get(subnet_id, {}).get("VpcId")
    return any(
        endpoint["VpcId"] == vpc_id
        and endpoint["VpcEndpointType"] == "Interface"
        and endpoint["ServiceName"].endswith(".kms")
        for endpoint in ec2._vpc_endpoints.values()
    )
