# SPDX-License-Identifier: Apache-2.0
"""A deployment under a name of its own, and its removal, however far it came."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from demo import cdk, inventory
from demo.display import part
from demo.errors import DemoError
from tests.e2e.conftest import Deployment
from tests.verify.target import TOOLKIT, Target

POLL_S = 1.0
SETTLE_TIMEOUT_S = 3600
LEFTOVERS_TIMEOUT_S = 60  # AWS lists some resources a moment longer than they are there


def own_name() -> str:
    """Return a stack name that no other run has."""
    return f"Verify-{secrets.token_hex(4)}"


def is_bootstrapped() -> bool:
    """Return whether the CDK's toolkit stack is there; one that somebody else makes now is waited for."""
    return settled(TOOLKIT) is not None


def deploy(application: cdk.Application, target: Target, *, bootstrapped: bool) -> Deployment:
    """Deploy every stack; return the main one's outputs and the clients."""
    if not bootstrapped:
        _bootstrap(application, target)
    with part(f"cdk deploy {application.stack}") as show:
        outputs = application.deploy(show)[application.stack]
    s3, sfn, logs, functions = map(boto3.client, ("s3", "stepfunctions", "logs", "lambda"))
    return Deployment(outputs, s3, sfn, logs, functions, stack=application.stack)


def _bootstrap(application: cdk.Application, target: Target) -> None:
    """Bootstrap, or let another run that does so at the same time finish."""
    try:
        with part("cdk bootstrap") as show:
            application.bootstrap(target.environment, show)
    except DemoError:
        if not is_bootstrapped():
            raise


def remove(application: cdk.Application, before: set[str]) -> list[str]:
    """Destroy every stack, wait, and return what is left of it."""
    stacks = list(application.templates())
    with part(f"cdk destroy {application.stack}") as show:
        for stack in stacks:
            settled(stack)  # a deployment that was cut short goes on without its CLI
        owned = {resource["PhysicalResourceId"] for resource in _resources(stacks)}
        application.destroy(show)
    deadline = time.monotonic() + LEFTOVERS_TIMEOUT_S
    while left := of_deployment(inventory.take() - before, owned, stacks):
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_S)
    return left


def of_deployment(resources: Iterable[str], owned: set[str], stacks: Iterable[str]) -> list[str]:
    """Return the resources, as the inventory names them, that belong to these stacks.

    Another run at the same time has resources of its own. Ours are in the stack's list, or have its name.

    Examples
    --------
    >>> of_deployment({"vpc vpc-1", "vpc vpc-2", "log group /jobs/Verify-1/x"}, {"vpc-1"}, ["Verify-1"])
    ['log group /jobs/Verify-1/x', 'vpc vpc-1']
    """
    names = [stack.lower() for stack in stacks]
    return sorted(
        resource
        for resource in resources
        if resource.rpartition(" ")[2] in owned or any(name in resource.lower() for name in names)
    )


def remains(application: cdk.Application) -> list[str]:
    """Return what the stacks still have, for one who has to remove it by hand."""
    try:
        resources = _resources(application.templates())
    except (BotoCoreError, ClientError):
        return [f"stack {name} (AWS does not say what is in it)" for name in application.templates()]
    return [
        f"{resource['ResourceType']} {resource['PhysicalResourceId']}"
        for resource in resources
        if resource["ResourceStatus"] != "DELETE_COMPLETE"
    ]


def destroy_command(application: cdk.Application) -> str:
    """Return what a user types to remove the stacks."""
    words = " ".join(f"-c {name}={value}" for name, value in application.context.items())
    return f'make destroy CONTEXT="{words}"'


def settled(stack: str) -> str | None:
    """Wait until nothing is in progress in a stack; return its status, None when there is no such stack.

    Raises
    ------
    TimeoutError
        After ``SETTLE_TIMEOUT_S``.
    """
    deadline = time.monotonic() + SETTLE_TIMEOUT_S
    while True:
        status = _status(stack)
        # A stack in review is one whose change set was never executed
        if status is None or status == "REVIEW_IN_PROGRESS" or not status.endswith("_IN_PROGRESS"):
            return status
        if time.monotonic() > deadline:
            raise TimeoutError(f"The stack {stack} is {status} after {SETTLE_TIMEOUT_S} s.")
        time.sleep(POLL_S)


def _status(stack: str) -> str | None:
    try:
        (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else str(found["StackStatus"])


def _resources(stacks: Iterable[str]) -> list[dict[str, Any]]:
    """Return the resources of those stacks that exist."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
    return [
        resource
        for stack in stacks
        if _status(stack) is not None
        for page in pages.paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
        if resource.get("PhysicalResourceId")
    ]
