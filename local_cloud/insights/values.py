# SPDX-License-Identifier: Apache-2.0
"""What can be done with the values of a line. A comparison with a field that the line has not is false."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "concat": lambda *parts: "".join(str(part) for part in parts),
    "replace": lambda text, old, new: str(text).replace(old, new),
    "strcontains": lambda text, part: str(part) in str(text),
    "ispresent": lambda value: value is not None,
}
_NONE_IS_FINE = ("ispresent",)


def called(name: str, values: list[Any]) -> Any:
    """Call a function; without one of its values there is no result."""
    if name not in _NONE_IS_FINE and any(value is None for value in values):
        return None
    return FUNCTIONS[name](*values)


def compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    """Compare as numbers where one of both is a number, else as texts."""
    if left is None or right is None:
        return False
    if isinstance(left, (int, float)) or isinstance(right, (int, float)):
        try:
            return compare(float(left), float(right))
        except (TypeError, ValueError):
            return False
    return compare(str(left), str(right))
