# SPDX-License-Identifier: Apache-2.0
"""Clients of AWS from the usual environment."""

from __future__ import annotations

import os
from typing import Any


class XRayError(RuntimeError):
    """AWS could not be asked: no region, no credentials, no access, no network."""


def aws_failures(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """Return what a client raises, and others; `except` asks for it only when something is raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError, *others


def aws_session() -> Any:
    """Return a session of the environment's profile and region.

    boto3 alone knows `AWS_DEFAULT_REGION` only. The other SDKs, the AWS CLI, and whatever runs in AWS go by
    `AWS_REGION` first ("AWS SDKs and Tools Reference Guide", setting AWS Region).

    Raises
    ------
    XRayError
        If the environment names a profile that is not there.
    """
    import boto3  # half of the time that a page of a file takes to start, which needs none

    try:
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    except aws_failures() as error:
        raise XRayError(f"AWS cannot be asked: {error}") from error


def aws_client(session: Any, service: str, **settings: Any) -> Any:
    """Return a client; `settings` are those of botocore's `Config`.

    Raises
    ------
    XRayError
        If there is no region or the endpoint is none.
    """
    if not getattr(session, "region_name", True):  # botocore takes an empty variable for a region
        raise XRayError(f"AWS cannot be asked ({service}): no region is known. Set AWS_REGION.")
    try:
        return session.client(service, **_config(settings))
    except aws_failures(ValueError) as error:
        raise XRayError(f"AWS cannot be asked ({service}): {error}") from error


def _config(settings: dict[str, Any]) -> dict[str, Any]:
    if not settings:
        return {}
    from botocore.config import Config

    return {"config": Config(**settings)}
