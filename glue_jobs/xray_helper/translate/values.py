# SPDX-License-Identifier: Apache-2.0
"""Small readers that the translator's parts share."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

Attributes = Mapping[str, Any]


def text(value: object) -> str:
    """Read a string attribute; any other type counts as absent, as in the collector."""
    return value if isinstance(value, str) else ""


def whole(value: object) -> int:
    """Read an integer attribute; any other type counts as 0, as in the collector."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def plain(value: object) -> Any:
    """Turn an attribute value into JSON types: tuples to lists, bytes to base64."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was not said: None, empty text, empty containers. False and 0 stay."""
    return {key: value for key, value in document.items() if value is not None and value not in ("", [], {})}
