# SPDX-License-Identifier: Apache-2.0
"""Which AWS the environment means: a local cloud on this machine, or an account."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

import boto3

from demo.cdk import environment_name
from demo.errors import DemoError
from demo.inventory import LISTINGS

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
    services = sorted({listing.service for listing in LISTINGS} | {"sts", "xray"})
    endpoints = {service: str(boto3.client(service).meta.endpoint_url) for service in services}
    local = {service: is_loopback(url) for service, url in endpoints.items()}
    if len(set(local.values())) > 1:
        mixed = ", ".join(f"{service} at {url}" for service, url in endpoints.items() if not local[service])
        raise DemoError(
            f"Some AWS endpoints of the environment are on this machine and others are not ({mixed}): set "
            "AWS_ENDPOINT_URL alone, or nothing of the kind."
        )
    environment = environment_name(boto3.client("sts"))
    if local["sts"]:
        return Target(f"local cloud at {endpoints['sts']}", environment, local=True)
    account, region = environment.removeprefix("aws://").split("/")
    return Target(f"AWS account {account} in {region}", environment, local=False)


def is_loopback(url: str) -> bool:
    """Return whether a URL stays on this machine.

    Examples
    --------
    >>> is_loopback("http://127.0.0.1:4566"), is_loopback("https://sts.us-east-1.amazonaws.com")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
