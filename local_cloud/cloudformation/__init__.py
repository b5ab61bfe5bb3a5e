# SPDX-License-Identifier: Apache-2.0
"""The resource types and attributes that ministack's CloudFormation lacks."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from local_cloud.emulator import Response, app

_installed = threading.Event()
_lock = threading.Lock()


def install() -> None:
    """Register all handlers. Importing what they belong to takes more than a second, so not before ready."""
    from local_cloud.cloudformation import (
        cloudwatch,
        conditions,
        ec2,
        ecs,
        emr_serverless,
        glue,
        logs,
        mwaa,
        records,
        s3,
        state_machines,
    )

    with _lock:
        if not _installed.is_set():
            for module in (
                cloudwatch,
                ec2,
                ecs,
                s3,
                glue,
                logs,
                emr_serverless,
                mwaa,
                state_machines,
                records,
                conditions,  # last: around the handlers of the others
            ):
                module.install()
            _installed.set()


def install_on_first_use() -> None:
    """Have the first CloudFormation request wait until the handlers are registered."""
    handlers = app().SERVICE_HANDLERS
    original = handlers["cloudformation"]

    async def handle(*request: Any) -> Response:
        if not _installed.is_set():
            await asyncio.to_thread(install)
        response: Response = await original(*request)
        return response

    handlers["cloudformation"] = handle
