# SPDX-License-Identifier: Apache-2.0
"""Whose AWS the environment means: a local cloud on this machine, or somebody's account. Nobody is asked."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import boto3

from demo.errors import DemoError
from demo.inventory import LISTINGS

_MORE = {"sts", "xray", "ssm"}  # called, with nothing to be listed
_NO_KEYS = {
    "aws_access_key_id": "none",
    "aws_secret_access_key": "none",
}  # so that no real ones are looked for


def refuse_unless_agreed(*, real_account: bool) -> None:
    """Let the caller go on in a local cloud, and in an account only when its owner said so.

    Raises
    ------
    DemoError
        An account, and nobody agreed; or some calls would go there and others would not.
    """
    if not is_local(endpoints()) and not real_account:
        raise DemoError(
            f"AWS is {endpoints()['sts']} here, no local cloud, and everything that is deployed would be "
            "destroyed by force: run make demo, or add --real-account to do it in that account."
        )


def endpoints() -> dict[str, str]:
    """Return where the SDK would call each service, by its own rules for variables and profiles."""
    session = boto3.Session()
    region = session.region_name or "us-east-1"
    services = sorted({listing.service for listing in LISTINGS} | _MORE)
    return {
        name: str(session.client(name, region_name=region, **_NO_KEYS).meta.endpoint_url) for name in services
    }


def is_local(urls: dict[str, str]) -> bool:
    """Return whether every call would stay on this machine.

    Raises
    ------
    DemoError
        Some would and others would not.
    """
    outside = {service: url for service, url in urls.items() if not is_loopback(url)}
    if outside and len(outside) < len(urls):
        mixed = ", ".join(f"{service} at {url}" for service, url in outside.items())
        raise DemoError(
            f"Some AWS endpoints of the environment are on this machine and others are not ({mixed}): set "
            "AWS_ENDPOINT_URL alone, or nothing of the kind."
        )
    return not outside


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
