# SPDX-License-Identifier: Apache-2.0
"""Values that can be sent, whichever way they go."""

from __future__ import annotations

import math
from typing import Any, Final

_BEYOND: Final = 2**63  # of the integers that OTLP has; its encoder drops every other


def utf8(value: str) -> str:
    """Replace what UTF-8 cannot carry by ``?``: half characters, as in file names that are not text."""
    return value.encode(errors="replace").decode()


def is_sendable(value: object) -> bool:
    """Return whether OTLP and JSON have this number: finite, and of 64 bits if it is whole."""
    if isinstance(value, int):
        return -_BEYOND <= value < _BEYOND
    return not isinstance(value, float) or math.isfinite(value)


def sendable(value: Any) -> Any:
    """Turn an attribute into what can be sent with its value kept: such numbers into text, all of a list.

    Examples
    --------
    >>> sendable([1, 2**63])
    ('1', '9223372036854775808')
    """
    if isinstance(value, str):
        return utf8(value)
    if not isinstance(value, (tuple, list)):
        return value if is_sendable(value) else str(value)
    items = value if all(map(is_sendable, value)) else map(str, value)
    return tuple(utf8(item) if isinstance(item, str) else item for item in items)
