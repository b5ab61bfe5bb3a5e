# SPDX-License-Identifier: Apache-2.0
"""The fields of a log event: those of the event itself, and those of its message where that is JSON.

Source: "Supported logs and discovered fields", Amazon CloudWatch Logs User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from local_cloud.services.logs.insights.values import Event, Value

OWN = ("@ptr", "@timestamp", "@message", "@logStream")


def discover(record: dict[str, Any], account: str) -> Event:
    """Return every field of a stored record; nested ones of JSON with dots (``detail.0.name``)."""
    message = record["@message"]
    try:
        content = json.loads(message) if message.lstrip().startswith("{") else {}
    except ValueError:
        content = {}
    own: Event = {name: record[name] for name in OWN}
    return {**dict(_flat(content, "")), **own, "@log": f"{account}:{record['@log']}"}


def _flat(value: Any, name: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif value is not None:
        yield name, value
