# SPDX-License-Identifier: Apache-2.0
"""The resource types and attributes that ministack's CloudFormation lacks."""

from __future__ import annotations

import asyncio
import importlib
import threading
from typing import Any

from local_cloud.emulator import Response, app

# Modules with an install() that registers types; imported late, since what they need takes more than a second
_modules = [
    f"{__name__}.{name}"
    for name in (
        "cloudwatch",
        "ec2",
        "ecs",
        "s3",
        "glue",
        "lambda_functions",
        "logs",
        "state_machines",
        "unknown_types",
        "records",
    )
]
_installed = threading.Event()
_lock = threading.Lock()


def add(module: str) -> None:
    """Have a further module register its types, before the server is ready."""
    _modules.insert(-1, module)  # records, the last one, looks at all types


def install() -> None:
    """Register all types."""
    with _lock:
        if not _installed.is_set():
            for module in (*_modules, f"{__name__}.conditions"):  # in front of the handlers of all others
                importlib.import_module(module).install()
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
