# SPDX-License-Identifier: Apache-2.0
"""The caller's own id of a run, from the metadata of the object that it uploaded.

``aws s3 cp FILE s3://BUCKET/input/ --metadata correlation-id=manual__2026-11-21`` puts it there; it goes into
the execution's input and from there into every log line. Without one, or without an answer from S3, the trace
id takes its place: an upload is never lost, nor late by more than three seconds, for want of a name.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from start_pipeline.json_log import log
from start_pipeline.object_version import ObjectVersion
from xray_common.caller_ids import ALLOWED, is_caller_id
from xray_common.json_lines import fields

NAMES = ("correlation-id", "correlation_id")  # S3 hands names over in lower case
TIMEOUT = 1.5  # seconds, to connect and to read each


@cache
def client() -> Any:
    """Return the one S3 client of this process, made when it is first needed."""
    config = Config(
        connect_timeout=TIMEOUT, read_timeout=TIMEOUT, retries={"mode": "standard", "total_max_attempts": 1}
    )
    return botocore.session.get_session().create_client("s3", config=config)


def correlation_id(upload: ObjectVersion) -> str | None:
    """Return the caller's id; None without one, and where LOG_CORRELATION is not ``on``."""
    if os.environ.get("LOG_CORRELATION") != "on":
        return None
    version = {} if upload.version_id is None else {"VersionId": upload.version_id}
    try:
        answer = client().head_object(Bucket=upload.bucket, Key=upload.key, **version)
    except (BotoCoreError, ClientError) as error:
        log.warning(
            "The object's metadata could not be read; the trace id is the correlation id. %s",
            error,
            extra=fields(object=upload.uri),
        )
        return None
    given = next((answer["Metadata"][name] for name in NAMES if name in answer.get("Metadata", {})), None)
    if given is not None and not is_caller_id(given):
        log.warning(
            f"The object's correlation id is not taken, the trace id is: give {ALLOWED}.",
            extra=fields(object=upload.uri),
        )
        return None
    return given
