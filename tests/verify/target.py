# SPDX-License-Identifier: Apache-2.0
"""Which AWS the environment means: a local cloud on this machine, or an account."""

from __future__ import annotations

from typing import NamedTuple

import boto3

from demo import account
from demo.cdk import environment_name

TOOLKIT = "CDKToolkit"  # the stack that `cdk bootstrap` makes


class Target(NamedTuple):
    """Where everything is created.

    Attributes
    ----------
    name
        For people.
    environment
        ``aws://<account>/<region>``, as the CDK CLI names it.
    local
        Whether it is a local cloud.
    """

    name: str
    environment: str
    local: bool


def target_of_environment() -> Target:
    """Ask the SDK itself where it would call, for each service that is called.

    Raises
    ------
    DemoError
        Some calls would stay on this machine and others would not.
    """
    urls = account.endpoints()
    local = account.is_local(urls)
    environment = environment_name(boto3.client("sts"))
    if local:
        return Target(f"local cloud at {urls['sts']}", environment, local=True)
    number, region = environment.removeprefix("aws://").split("/")
    return Target(f"AWS account {number} in {region}", environment, local=False)
