# SPDX-License-Identifier: Apache-2.0
"""What the deployed collector was configured to leave out: its ``filter`` processors on spans.

Of OTTL (github.com/open-telemetry/opentelemetry-collector-contrib, pkg/ottl) only comparisons of texts are
known here, joined by ``and``; a condition of another form drops nothing, and the log says so.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from local_cloud.xray.collector.settings import configuration

_log = logging.getLogger(__name__)
_COMPARISON = re.compile(
    r"(?:(?P<part>resource|span)\.attributes\[\"(?P<key>[^\"]+)\"\]|(?P<field>instrumentation_scope\.name|span\.name))"
    r" (?P<operator>==|!=) \"(?P<text>[^\"]*)\""
)
Test = Callable[[ReadableSpan], bool]


def kept(spans: Iterable[ReadableSpan], host: str) -> list[ReadableSpan]:
    """Return the spans that the collector behind a Cloud Map name lets through; all where there is none.

    Parameters
    ----------
    spans
        As they came.
    host
        Name that the sender used.
    """
    tests = [_compiled(condition) for condition in _conditions(host)] if host else []
    return [span for span in spans if not any(test(span) for test in tests)]


def _conditions(host: str) -> Iterable[str]:
    config = configuration(host) or {}
    used = config.get("service", {}).get("pipelines", {}).get("traces", {}).get("processors") or []
    for name in used:
        if name.split("/")[0] == "filter":
            yield from config["processors"][name].get("traces", {}).get("span") or []


@functools.cache
def _compiled(condition: str) -> Test:
    """Return the test for ``a == "b" and c != "d"``."""
    found = [_COMPARISON.fullmatch(part.strip()) for part in condition.split(" and ")]
    if not all(found):
        _log.warning(
            "Collector: the filter condition %r is not understood here; it drops nothing.", condition
        )
        return lambda span: False
    comparisons = [match.groupdict() for match in found if match]
    return lambda span: all(_holds(comparison, span) for comparison in comparisons)


def _holds(comparison: dict[str, Any], span: ReadableSpan) -> bool:
    if comparison["field"] == "span.name":
        value: object = span.name
    elif comparison["field"]:
        value = span.instrumentation_scope.name if span.instrumentation_scope else ""
    elif comparison["part"] == "resource":
        value = span.resource.attributes.get(comparison["key"])
    else:
        value = (span.attributes or {}).get(comparison["key"])
    return bool((value == comparison["text"]) is (comparison["operator"] == "=="))
