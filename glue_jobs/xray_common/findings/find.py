# SPDX-License-Identifier: Apache-2.0
"""Runs the rules over the spans of a trace or of a job."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Optional

from xray_common.findings import job_resources, job_work, pipeline, plans, stage_tasks, stage_time
from xray_common.findings.finding import CRITICAL, WARNING, Finding
from xray_common.findings.limits import LIMITS, Limits
from xray_common.findings.span import Span

Rule = Callable[[Span, Limits], Optional[Finding]]
Price = Callable[[Span, float], Optional[float]]  # of a job's span and seconds of it: US dollars

Group = tuple[Callable[[Span], bool], tuple[Rule, ...]]  # to which spans its rules apply
_GROUPS: Final[tuple[Group, ...]] = (
    (stage_tasks.is_stage, (*stage_tasks.RULES, *stage_time.RULES)),
    (plans.applies, plans.RULES),
    (job_resources.ran_spark, (*job_work.RULES, *job_resources.RULES)),
    *pipeline.GROUPS,
)


def find(root: Span, *, limits: Limits = LIMITS, price: Price | None = None) -> list[Finding]:
    """Return what is worth a sentence, worst first.

    Parameters
    ----------
    root
        The top of a trace or of one job; of what has not ended, nothing is said.
    limits
        From where on something is worth it.
    price
        Knows what seconds of a job cost; None leaves ``usd`` out.

    Examples
    --------
    >>> root = Span("1", "job", 0.0, 60.0, is_segment=True)
    >>> numbers = {"spark.stage.tasks": 8, "spark.stage.task.max_ms": 9000, "spark.stage.task.p50_ms": 300}
    >>> stage = root.add(Span("2", "Spark stage 4", 1.0, 11.0, numbers))
    >>> [(found.kind, found.seconds) for found in find(root)]
    [('skew', 8.7)]
    """
    worth = [_capped(found, limits) for found in _all(root, limits) if _is_worth(found, limits)]
    priced = [_priced(found, price) for found in worth]
    return sorted(_merged(priced), key=lambda found: found.rank)


def count_checks(root: Span) -> int:
    """Count the rules that had something to look at: without Spark no stages, and nothing that still runs."""
    spans = [span for span in root.walk() if span.is_over]
    return sum(len(rules) for applies, rules in _GROUPS if any(map(applies, spans)))


def _all(root: Span, limits: Limits) -> Iterator[Finding]:
    for span in root.walk():
        if not span.is_over:
            continue
        for applies, rules in _GROUPS:
            if applies(span):
                yield from filter(None, (rule(span, limits) for rule in rules))


def _is_worth(found: Finding, limits: Limits) -> bool:
    """Return whether what it cost can be noticed; what nobody can weigh in seconds is."""
    seconds = _at_most(found)
    if seconds is None:
        return True
    return seconds >= max(limits.floor_s, limits.floor_share * found.span.segment.seconds)


def _at_most(found: Finding) -> float | None:
    """Cap seconds by the critical path: what ran beside it has delayed nobody."""
    on_path = found.on_path_s
    if found.seconds is None or on_path is None:
        return found.seconds
    return min(found.seconds, on_path)


def _capped(found: Finding, limits: Limits) -> Finding:
    seconds = _at_most(found)
    heavy = seconds is not None and seconds >= limits.critical_share * found.span.segment.seconds
    severity = CRITICAL if heavy and found.severity == WARNING else found.severity
    return dataclasses.replace(found, seconds=seconds, severity=severity)


def _priced(found: Finding, price: Price | None) -> Finding:
    if price is None or found.seconds is None or not found.is_billed:
        return found
    return dataclasses.replace(found, usd=price(found.span.segment, found.seconds))


def _merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Merge findings of one kind about one step: yield the worst, and how many more there are."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for found in findings:
        alike.setdefault((found.kind, found.span.segment.id, *found.span.step.path()), []).append(found)
    for group in alike.values():
        worst = min(group, key=lambda found: found.rank)
        if len(group) > 1:
            evidence = {**worst.evidence, "alike": len(group) - 1}
            title = f"{worst.title}; and {len(group) - 1} more like it"
            worst = dataclasses.replace(worst, evidence=evidence, title=title)
        yield worst
