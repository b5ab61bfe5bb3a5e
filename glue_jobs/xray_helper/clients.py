# SPDX-License-Identifier: Apache-2.0
"""AWS clients with short time-outs; boto3 is imported when the first one is made."""

from __future__ import annotations

import os
from typing import Any, Final, Literal

CONNECT_TIMEOUT_S: Final = 1.0
READ_TIMEOUT_S: Final = 2.0


def aws_client(
    service: Literal["xray", "s3", "glue"],
    *,
    read_timeout_s: float = READ_TIMEOUT_S,
    session: Any | None = None,
) -> Any:
    """Make a client that tries once and gives up soon: whoever calls it has a deadline and retries itself.

    Unless one is passed, its session is its own: boto3's default one must not be shared between threads. The
    region is read from ``AWS_REGION`` too, which Lambda, ECS and most tools set and boto3 does not look at.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    session = session or boto3.session.Session()
    return session.client(
        service, config=config, region_name=session.region_name or os.environ.get("AWS_REGION")
    )
