# SPDX-License-Identifier: Apache-2.0
"""The functions of the query language that the local cloud has; of a missing value most make a missing one.

Source: "Boolean, comparison, numeric, datetime, and other functions" and "stats", Amazon CloudWatch Logs
User Guide.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from local_cloud.services.logs.insights.values import Value, milliseconds, number, sort_key, text


def _numeric(function: Callable[[float], float]) -> Callable[[Value], Value]:
    def of(value: Value) -> Value:
        found = number(value)
        return None if found is None else function(found)

    return of


def _textual(function: Callable[..., Value]) -> Callable[..., Value]:
    def of(*values: Value) -> Value:
        return None if None in values else function(*map(text, values))

    return of


SCALAR: dict[str, Callable[..., Value]] = {
    "abs": _numeric(abs),
    "ceil": _numeric(math.ceil),
    "floor": _numeric(math.floor),
    "sqrt": _numeric(math.sqrt),
    "ispresent": lambda value: value is not None,
    "isblank": lambda value: value is None or not text(value).strip(),
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "concat": _textual(lambda *parts: "".join(parts)),
    "replace": _textual(lambda whole, old, new: whole.replace(old, new)),
    "strcontains": _textual(lambda whole, part: part in whole),
    "strlen": _textual(len),
    "tolower": _textual(str.lower),
    "toupper": _textual(str.upper),
    "trim": _textual(str.strip),
    "tomillis": milliseconds,
}


def _numbers(values: Sequence[Value]) -> list[float]:
    return [found for value in values if (found := number(value)) is not None]


def _present(values: Sequence[Value]) -> list[Value]:
    return [value for value in values if value is not None]


AGGREGATE: dict[str, Callable[[Sequence[Value]], Value]] = {
    "count": lambda values: len(_present(values)),
    "count_distinct": lambda values: len({text(value) for value in _present(values)}),
    "sum": lambda values: math.fsum(_numbers(values)),
    "avg": lambda values: statistics.fmean(found) if (found := _numbers(values)) else None,
    "min": lambda values: min(_present(values), key=sort_key, default=None),
    "max": lambda values: max(_present(values), key=sort_key, default=None),
}
