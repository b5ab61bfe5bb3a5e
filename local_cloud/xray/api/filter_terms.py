# SPDX-License-Identifier: Apache-2.0
"""What the terms of a filter expression match in a trace."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from local_cloud.xray.errors import InvalidRequestError
from local_cloud.xray.traces.store import Trace
from local_cloud.xray.traces.summaries import indexed_annotations, roots, service_type

Matches = Callable[[Trace], bool]

_FLAGS = ("ok", "error", "throttle", "fault", "partial")
_NUMBERS = ("responsetime", "duration", "http.status")
_HTTP = {
    "http.status": ("response", "status"),
    "http.url": ("request", "url"),
    "http.method": ("request", "method"),
    "http.useragent": ("request", "user_agent"),
    "http.clientip": ("request", "client_ip"),
}
_STRINGS = ("http.url", "http.method", "http.useragent", "http.clientip", "user", "name", "type")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "CONTAINS": operator.contains,
    "BEGINSWITH": str.startswith,
    "ENDSWITH": str.endswith,
}


def flag_term(word: str) -> Matches:
    """Return the test for a word that stands alone, for example ``fault``."""
    flag = word.lower()
    if flag not in _FLAGS:
        raise InvalidRequestError(f"Invalid filter expression: unknown keyword {word}.")
    if flag == "partial":
        return lambda trace: any(segment.get("in_progress") for segment in trace.segments)
    if flag == "ok":
        return lambda trace: not any(s.get(f) for s in trace.segments for f in ("error", "throttle", "fault"))
    return lambda trace: any(segment.get(flag) for segment in trace.segments)


def service_term(name: str | None, kind: str | None, inner: Matches) -> Matches:
    """Return the test for a trace with a service of this name and type that fits ``inner``."""

    def matches(trace: Trace) -> bool:
        return any(
            (name is None or segment["name"] == name)
            and (kind is None or service_type(segment) == kind)
            and inner(replace(trace, segments=[segment]))
            for segment in trace.segments
        )

    return matches


def comparison_term(word: str, sign: str, wanted: Any) -> Matches:
    """Return the test for a word compared with a value; any of a trace's values may fit."""
    keyword = word.lower()
    if keyword in _FLAGS and isinstance(wanted, bool):
        flag = flag_term(word)
        return lambda trace: COMPARISONS[sign](flag(trace), wanted)
    if not keyword.startswith("annotation") and keyword not in _NUMBERS + _STRINGS:
        raise InvalidRequestError(f"Invalid filter expression: unknown keyword {word}.")
    if keyword in _NUMBERS and not isinstance(wanted, float):
        raise InvalidRequestError(f"Invalid filter expression: {word} needs a number.")

    def matches(trace: Trace) -> bool:
        return any(_fits(value, sign, wanted) for value in _values(word, trace))

    return matches


def _fits(value: Any, sign: str, wanted: Any) -> bool:
    if isinstance(value, bool) is not isinstance(wanted, bool) or isinstance(value, str) is not isinstance(
        wanted, str
    ):
        return False
    if not isinstance(value, str) and sign in ("CONTAINS", "BEGINSWITH", "ENDSWITH"):
        return False
    return COMPARISONS[sign](value, wanted)


def _values(word: str, trace: Trace) -> Iterable[Any]:
    keyword = word.lower()
    if keyword.startswith("annotation"):
        key = word[len("annotation") :].strip(".[]")
        return [value for found, value, _ in indexed_annotations(trace) if found == key]
    if keyword == "duration":
        return [trace.duration]
    if keyword == "responsetime":
        return [s["end_time"] - s["start_time"] for s in roots(trace) if "end_time" in s]
    if keyword in _HTTP:
        part, field = _HTTP[keyword]
        found = [((s.get("http") or {}).get(part) or {}).get(field) for s in trace.segments]
        return [value for value in found if value is not None]
    if keyword == "type":
        return [kind for kind in map(service_type, trace.segments) if kind is not None]
    return [segment[keyword] for segment in trace.segments if keyword in segment]
