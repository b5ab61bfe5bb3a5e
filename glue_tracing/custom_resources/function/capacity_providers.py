# SPDX-License-Identifier: Apache-2.0
"""Fargate capacity providers of a cluster, in an account that may never have used ECS before.

ECS makes its service-linked role with the account's first cluster, and cannot assume it for some seconds:
https://github.com/aws/containers-roadmap/issues/2614. CloudFormation fails then; this tries again.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

NOT_YET = "Unable to assume the service linked role"
PAUSE = 5.0  # seconds between two attempts
log = logging.getLogger("custom_resources")


def handle(request: str, properties: dict[str, Any], seconds: float) -> None:
    """Attach the providers on create and update; they go with the cluster.

    Raises
    ------
    botocore.exceptions.ClientError
        ECS refuses for another reason, or for longer than ``seconds``.
    """
    if request == "Delete":
        return
    ecs, deadline = boto3.client("ecs"), time.monotonic() + seconds
    cluster, providers = properties["Cluster"], properties["CapacityProviders"]
    while True:
        try:
            ecs.put_cluster_capacity_providers(
                cluster=cluster, capacityProviders=providers, defaultCapacityProviderStrategy=[]
            )
            log.info("attached %s to %s", providers, cluster)
            return
        except ClientError as error:
            if NOT_YET not in str(error) or time.monotonic() + PAUSE > deadline:
                raise
            log.info("ECS cannot assume its service-linked role yet: trying again in %s s", PAUSE)
            time.sleep(PAUSE)
