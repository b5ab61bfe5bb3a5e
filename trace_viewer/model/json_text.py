# SPDX-License-Identifier: Apache-2.0
"""JSON of strangers, read into what every part of the viewer can write again."""

from __future__ import annotations

import json
import math
from typing import Any

MAX_DEPTH = 64  # levels of a value that are shown; the page, a terminal and `json` itself recurse
NESTED_DEEPER = "… (nested deeper)"


def _number(digits: str) -> float | str:
    """Read a number; one that is no finite float, such as 1e999, stays text."""
    value = float(digits)
    return value if math.isfinite(value) else digits


DECODER = json.JSONDecoder(parse_float=_number, parse_constant=str)  # NaN is not JSON, but some write it


def parse(text: str) -> Any:
    """Read JSON; numbers that are no finite floats become text.

    Raises
    ------
    ValueError
        If it is not JSON, or nested deeper than Python reads.

    Example
    -------
    >>> parse('{"ratio": NaN, "limit": 1e999, "rows": 3}')
    {'ratio': 'NaN', 'limit': '1e999', 'rows': 3}
    """
    try:
        return DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def bounded(value: Any, levels: int = MAX_DEPTH) -> Any:
    """Return JSON data with what lies deeper than `levels` replaced by a few words.

    Example
    -------
    >>> bounded({"a": [[1], 2]}, levels=2)
    {'a': ['… (nested deeper)', 2]}
    """
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return NESTED_DEEPER
    if isinstance(value, list):
        return [bounded(item, levels - 1) for item in value]
    return {str(key): bounded(item, levels - 1) for key, item in value.items()}
