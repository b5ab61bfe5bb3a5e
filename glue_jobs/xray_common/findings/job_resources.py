# SPDX-License-Identifier: Apache-2.0
"""Rules for what a traced job had: cores, executors, a whole trace. Each may return a finding."""

from __future__ import annotations

from typing import Final

from xray_common import conventions as names
from xray_common.findings.finding import INFO, Finding
from xray_common.findings.limits import Limits
from xray_common.findings.span import Span
from xray_common.findings.words import counted, duration, percent


def ran_spark(span: Span) -> bool:
    """Return whether a span is a job, or a step of one, that ran something in Spark."""
    return names.SPARK_TASKS in span.attributes


def idle_workers(job: Span, limits: Limits) -> Finding | None:
    """Find a job most of whose cores had nothing to do."""
    found = job.numbers(names.EXECUTOR_CORE_SECONDS, names.EXECUTOR_RUN_MS)
    if found is None or not job.is_segment or job.seconds < limits.idle_job_s:
        return None
    offered, busy = found[0], found[1] / 1000
    if not offered or offered - busy < limits.idle_share * offered:
        return None
    return Finding(
        kind="idle_workers",
        title=f"{percent(1 - busy / offered)} of the cores' time was idle: "
        f"{duration(offered - busy)} of {duration(offered)}",
        span=job,
        evidence={"core_s": offered, "busy_core_s": round(busy, 1)},
        advice="Fewer or smaller workers, or Glue's auto scaling; look for single tasks and driver time.",
    )


def lost_executors(job: Span, limits: Limits) -> Finding | None:
    """Find executors that were lost while the job ran."""
    lost = job.number(names.EXECUTORS_LOST)
    if not lost:
        return None
    gone = (span.attributes for span in job.own() if span.attributes.get(names.EXECUTOR_LOST) is True)
    reason = next((life.get(names.EXECUTOR_REMOVED_REASON) for life in gone), None)
    why = f": {str(reason)[:160]}" if reason else ""
    return Finding(
        kind="lost_executors",
        title=f"{counted(lost, 'executor')} lost{why}",
        span=job,
        evidence={"executors_lost": lost},
        advice="Out of memory as a rule: smaller partitions or larger workers; else the log of the executor.",
    )


def telemetry_cut(job: Span, limits: Limits) -> Finding | None:
    """Find what the trace does not have, so that nobody takes its silence for health."""
    found = {name: count for name in _CUTS if (count := job.number(name))}
    if not job.is_segment or not found:
        return None
    return Finding(
        kind="telemetry_cut",
        title="; ".join(_cut(name, count) for name, count in found.items()),
        span=job,
        evidence=found,
        severity=INFO,
        advice="--spans_uri keeps all spans; spark.ui.retainedStages and retainedJobs keep more of Spark's.",
    )


_FORGOTTEN: Final = "forgotten by Spark before we read"
_CUTS: Final = {
    names.SPANS_DROPPED: ("span", "did not fit into the trace"),
    "spark.events.dropped": ("event", "dropped by Spark's listener bus"),
    "spark.jobs.missing": ("Spark job", "not known"),
    "spark.jobs.evicted": ("Spark job", _FORGOTTEN),
    "spark.executions.missing": ("SQL execution", "not known"),
    "spark.executions.evicted": ("SQL execution", _FORGOTTEN),
    "spark.stages.evicted": ("stage", _FORGOTTEN),
}


def _cut(name: str, count: float) -> str:
    thing, fate = _CUTS[name]
    return f"{counted(count, thing)} {fate}"


RULES: Final = (idle_workers, lost_executors, telemetry_cut)
