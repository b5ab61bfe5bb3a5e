# SPDX-License-Identifier: Apache-2.0
"""Rules for what a job ran: twice, for nobody, on the driver, again and again. Each may return a finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from xray_common import conventions as names
from xray_common.findings.finding import Finding
from xray_common.findings.limits import Limits
from xray_common.findings.span import Span
from xray_common.findings.words import counted, duration
from xray_common.intervals import Interval, union


def repeated_work(job: Span, limits: Limits) -> Finding | None:
    """Find a lazy step that several executions computed anew, because nobody cached it."""
    if not job.is_segment:
        return None
    by_stage = {span.number(names.STAGE_ID): span for span in job.own() if names.STAGE_ID in span.attributes}
    worst: Finding | None = None
    for step in job.own():
        stages = step.attributes.get(names.STEP_STAGES)
        if step.attributes.get(names.STEP_OUTCOME) != names.EXECUTED or not isinstance(stages, (list, tuple)):
            continue
        found = _repeated(
            step, [by_stage[number] for number in stages if type(number) is int and number in by_stage]
        )
        if found and (worst is None or found.evidence["stages_s"] >= worst.evidence["stages_s"]):
            worst = found  # of steps that ran in the same stages the last one: the best place for a cache
    return worst


def _repeated(step: Span, stages: list[Span]) -> Finding | None:
    times: dict[str, float] = {}
    for stage in stages:
        above = _execution_of(stage)
        times[above] = times.get(above, 0.0) + stage.seconds
    if len(times) < 2:
        return None
    total = sum(times.values())
    again = total - max(times.values())
    on_path = [stage.critical_s for stage in stages if stage.critical_s is not None]
    return Finding(
        kind="repeated_work",
        title=f"computed {len(times)} times, in {', '.join(sorted(times)[:3])}",
        span=step,
        evidence={"executions": len(times), "stages_s": round(total, 3), "again_s": round(again, 3)},
        seconds=again,
        critical_s=sum(on_path) if len(on_path) == len(stages) else None,
        advice="Cache (persist) what this step makes before the first action, unpersist after the last.",
    )


def _execution_of(stage: Span) -> str:
    """Name the outermost execution of a stage, or its job."""
    found, span = stage.name, stage.parent
    while span is not None:
        if names.SQL_JOBS in span.attributes or (
            names.SPARK_JOB_ID in span.attributes and found == stage.name
        ):
            found = span.name
        span = span.parent
    return found


def unread_cache(job: Span, limits: Limits) -> Finding | None:
    """Find a cache that was filled for one execution, and read by none."""
    numbers = job.attributes.get(names.CACHES_UNREAD)
    if not isinstance(numbers, (list, tuple)) or not numbers:
        return None
    found = [
        span
        for span in job.own()
        if names.SQL_JOBS in span.attributes and span.number(names.SQL_EXECUTION_ID) in numbers
    ]
    if not found:
        return None
    longest = max(found, key=lambda span: span.seconds)
    return Finding(
        kind="unread_cache",
        title=f"a cache was filled in {longest.name} and never read again",
        span=longest,
        evidence={"caches": len(numbers), "execution_ms": round(longest.seconds * 1000)},
        advice="Leave out cache() or persist(): filling it costs memory and time.",
    )


def driver_bound(step: Span, limits: Limits) -> Finding | None:
    """Find a step that ran Spark jobs, and spent most of its time between and behind them."""
    if step.is_segment or not step.number(names.SPARK_TASKS):
        return None
    working = [span for span in step.own() if names.SPARK_JOB_ID in span.attributes or span.operation]
    busy = _covered(((span.start, span.end) for span in working), step.start, step.end)
    idle = step.seconds - busy
    if not working or idle < max(limits.driver_s, limits.driver_share * step.seconds):
        return None
    actions = [str(span.attributes.get(names.SQL_CALL_SITE) or "") for span in step.own()]
    pulled = sorted(
        {action.split(" at ")[0] for action in actions if action.startswith(("collect", "toPandas"))}
    )
    behind = f", which calls {' and '.join(pulled)}" if pulled else ""
    return Finding(
        kind="driver_bound",
        title=f"for {duration(idle)} of {duration(step.seconds)} no Spark job ran in this step{behind}",
        span=step,
        evidence={"driver_s": round(idle, 3), "step_s": round(step.seconds, 3), "spark_jobs": len(working)},
        seconds=idle,
        advice="Let executors do it: no collect() or toPandas() of much data, no loop over rows.",
    )


def many_executions(job: Span, limits: Limits) -> Finding | None:
    """Find one line of code that runs an execution again and again."""
    if not job.is_segment:
        return None
    groups: dict[tuple[str, str], list[Span]] = {}
    for span in job.own():
        if span.number(names.SQL_JOBS):
            step = span.parent.name if span.parent else ""
            groups.setdefault((step, str(span.attributes.get(names.SQL_CALL_SITE))), []).append(span)
    most = max(groups.items(), key=lambda item: len(item[1]), default=None)
    if most is None or len(most[1]) < limits.executions:
        return None
    (_, action), spans = most
    total = sum(span.seconds for span in spans)
    first = spans[0].parent or spans[0]
    return Finding(
        kind="many_executions",
        title=f"{counted(len(spans), 'execution')} of {action}, {duration(total / len(spans))} each",
        span=first,
        evidence={"executions": len(spans), "executions_s": round(total, 3)},
        seconds=total - max(span.seconds for span in spans),
        advice="One query for all: a join or groupBy instead of a loop, one aggregation for many counts.",
    )


RULES: Final = (repeated_work, unread_cache, driver_bound, many_executions)


def _covered(intervals: Iterable[Interval], start: float, end: float) -> float:
    """Add up the time that intervals cover together, within start..end."""
    within = ((max(left, start), min(right, end)) for left, right in intervals)
    return sum(right - left for left, right in union(part for part in within if part[0] < part[1]))
