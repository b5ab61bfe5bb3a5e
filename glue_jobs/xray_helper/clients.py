# SPDX-License-Identifier: Apache-2.0
"""AWS clients with short time-outs; botocore is imported when the first one is made.

boto3's clients are botocore's. Without boto3 around them an import takes a quarter less time of a processor
that Spark is starting on.
"""

from __future__ import annotations

import os
from typing import Any, Final, Literal

from xray_helper.hidden_packages import AWS_SDK, require
from xray_helper.own_threads import importing

CONNECT_TIMEOUT_S: Final = 1.0
READ_TIMEOUT_S: Final = 2.0


def aws_client(
    service: Literal["xray", "s3", "glue"],
    *,
    read_timeout_s: float = READ_TIMEOUT_S,
    session: Any | None = None,
) -> Any:
    """Make a client that tries once and gives up soon: whoever calls it has a deadline and retries itself.

    Unless one is passed, its session is its own: sessions must not be shared between threads. The region is
    read from ``AWS_REGION`` too, which Lambda, ECS and most tools set and botocore does not look at.
    """
    with importing():
        require(*AWS_SDK)
        from botocore.config import Config
        from botocore.session import get_session

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    session = session or get_session()
    region = session.get_config_variable("region") or os.environ.get("AWS_REGION")
    return session.create_client(service, config=config, region_name=region)
