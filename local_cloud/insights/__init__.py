# SPDX-License-Identifier: Apache-2.0
"""CloudWatch Logs Insights: ``parse`` and whole ``filter`` expressions, of which ministack knows three forms.

Source: "CloudWatch Logs Insights language query syntax", Amazon CloudWatch Logs User Guide. What is not
understood here is ministack's as before, and the log says so.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from local_cloud.emulator import service
from local_cloud.insights.expression import compile_expression
from local_cloud.insights.fields import Record, parse_into
from local_cloud.insights.tokens import SyntaxFault
from local_cloud.xray.wrapping import wrap

_log = logging.getLogger("local_cloud.insights")
_PARSE = re.compile(r"parse\s+(?P<field>[@\w.]+)\s+/(?P<regex>.*)/$", re.DOTALL | re.IGNORECASE)
_FILTER = re.compile(r"filter\s+(?P<expression>.*)$", re.DOTALL | re.IGNORECASE)
Predicate = Callable[[Record], bool]


def install() -> None:
    """Replace what ministack makes of the stages of a query."""
    wrap(service("cloudwatch_logs"), "_insights_filter_predicates", _predicates)


def _predicates(original: Callable[[str], list[Any]], query: str) -> list[Predicate]:
    logs = service("cloudwatch_logs")
    try:
        found = [_stage(stage) for stage in logs._split_insights_pipes(query)]
    except SyntaxFault as fault:
        _log.warning("Logs Insights: %s; ministack reads this query.", fault)
        return original(query)
    predicates = [predicate for predicate in found if predicate]
    if not predicates:
        return []

    def all_of(stored: dict[str, Any]) -> bool:
        record = Record(logs._public_log_record(stored))
        return all(predicate(record) for predicate in predicates)

    return [all_of]  # type: ignore[list-item]  # ministack hands its own kind of record


def _stage(stage: str) -> Predicate | None:
    parsed = _PARSE.match(stage)
    if parsed:
        return parse_into(parsed["field"], parsed["regex"])
    filtered = _FILTER.match(stage)
    return compile_expression(filtered["expression"]) if filtered else None
