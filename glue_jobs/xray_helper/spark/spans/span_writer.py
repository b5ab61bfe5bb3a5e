# SPDX-License-Identifier: Apache-2.0
"""Executions, jobs and stages as spans, with Spark's own times."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from xray_common import conventions as names
from xray_helper.observers import Priority
from xray_helper.record.spark_errors import Failure, read_failure
from xray_helper.spark.spans.call_sites import action_of, call_site, job_of_the_user
from xray_helper.spark.spans.metrics import JOB_METRICS, STAGE_METRICS
from xray_helper.spark.spans.stage_executors import StageExecutors, wait_ms
from xray_helper.spark.spans.tasks import MIN_STAGE_MS, TaskStatistics, cores_available, cores_used
from xray_helper.spark.spans.totals import Totals
from xray_helper.spark.status_store.records import Execution, Record, SparkJob, Stage
from xray_helper.spark.status_store.status_collector import Actions
from xray_helper.spark.units import NS_PER_MS

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.observers import SpanSink, StepHandle
    from xray_helper.spark.spans.operators import PlanOperators

TINY_STAGE_MS: Final = 10  # shorter ones are merged into their job, whose span has their number and time


class UsersTags(Protocol):
    """Knows what the user calls a job."""

    def words(self, description: str | None) -> str | None:
        """Return what the user says in a description."""

    def group(self, group: str | None) -> str | None:
        """Return a group that is the user's own."""


class SpanWriter:
    """Writes what one step has run.

    Parameters
    ----------
    sink
        Takes the spans.
    tasks, stage_executors
        Know the tasks of a stage, and who ran them.
    operators
        Knows the operators of an execution's final plan.
    executors
        Reads the executors; asked only where a stage was long enough for its cores to matter.
    tags
        Tells the user's description and group from ours.
    """

    def __init__(
        self,
        *,
        sink: SpanSink,
        tasks: TaskStatistics,
        stage_executors: StageExecutors,
        operators: PlanOperators,
        executors: Callable[[], list[Record]],
        tags: UsersTags,
    ) -> None:
        self._sink = sink
        self._tags = tags
        self._tasks = tasks
        self._stage_executors = stage_executors
        self._operators = operators
        self._read_executors = self._executors = executors

    def write(self, actions: Actions, *, parent: StepHandle | None) -> Totals:
        """Add the spans below ``parent``, or below the job; return the totals."""
        totals = Totals()
        self._executors = functools.cache(self._read_executors)  # anew: they come and go
        self._operators.select(actions.executions)
        roots: dict[int, Span] = {}
        for execution in actions.executions:
            above: StepHandle | Span | None = roots.get(execution.root_id, parent)
            span = self._execution(execution, above)
            roots[execution.id] = span
            totals.add_execution(execution)
            for job in execution.jobs:
                self._job_and_stages(job, span, totals)
        for job in actions.jobs:
            self._job_and_stages(job, parent, totals)
        return totals

    def _execution(self, execution: Execution, parent: StepHandle | Span | None) -> Span:
        action = action_of(execution)
        attributes = {
            names.SQL_EXECUTION_ID: execution.id,
            "spark.sql.execution.root_id": execution.root_id if execution.root_id != execution.id else None,
            names.SQL_JOBS: len(execution.job_ids),
            names.SQL_CALL_SITE: action,
            **self._users_tags(job_of_the_user(execution)),
            **self._operators.attributes(execution),
        }
        name = f"Spark SQL {execution.id}" + (f": {action.split(' at ')[0]}" if action else "")
        failure = read_failure(execution.error) if execution.error else None
        return self._add(name, parent, execution.times_ms, attributes, Priority.EXECUTION, failure)

    def _job_and_stages(self, job: SparkJob, parent: StepHandle | Span | None, totals: Totals) -> None:
        tiny = [stage for stage in job.stages_over if _is_tiny(stage)]
        span = self._spark_job(job, parent, tiny)
        for stage in job.stages_over:
            if not _is_tiny(stage):
                self._stage(stage, span)
        totals.add_job(job)

    def _spark_job(self, job: SparkJob, parent: StepHandle | Span | None, tiny: list[Stage]) -> Span:
        site = call_site(job)
        attributes = {
            names.SPARK_JOB_ID: job.id,
            names.SQL_EXECUTION_ID: job.execution_id,
            "spark.job.call_site": site,
            **({} if job.execution_id is not None else self._users_tags(job)),
            "spark.job.stages": len(job.stage_ids),
            "spark.job.stages.skipped": job.not_run if not job.has_failed else None,
            "spark.job.stages.not_run": job.not_run if job.has_failed else None,
            "spark.job.stages.retried": sum(stage.attempt > 0 for stage in job.stages) or None,
            "spark.job.stages.evicted": len(job.missing) or None,
            "spark.job.stages.merged": len(tiny) or None,
            "spark.job.stages.merged.duration_ms": sum(stage.duration_ms for stage in tiny) if tiny else None,
            **{name: job.data[key] // unit for name, key, unit in JOB_METRICS},
        }
        failed = next((stage for stage in job.stages if stage.has_failed), None)
        failure = (
            (_failure(failed) if failed else Failure("SparkException", "Job failed"))
            if job.has_failed
            else None
        )
        return self._add(
            f"Spark job {job.id}: {site}", parent, job.times_ms, attributes, Priority.SPARK_JOB, failure
        )

    def _users_tags(self, job: SparkJob | None) -> dict[str, Any]:
        if job is None:
            return {}
        return {
            "spark.job.description": self._tags.words(job.data.get("description")),
            "spark.job.group": self._tags.group(job.data.get("jobGroup")),
        }

    def _stage(self, stage: Stage, parent: Span) -> None:
        again = f" (attempt {stage.attempt})" if stage.attempt else ""
        failure = _failure(stage) if stage.has_failed else None
        name = f"Spark stage {stage.id}{again}"
        tasks = self._tasks.read(stage)
        attributes = {**self._stage_attributes(stage), **tasks.attributes}
        span = self._add(name, parent, stage.times_ms, attributes, Priority.STAGE, failure)
        for one in tasks.notable:
            # No error of its own: Spark runs a failed task again, and what it gives up for fails the stage.
            self._add(one.name, span, one.task.times_ms, one.attributes(), Priority.DETAIL, None)

    def _stage_attributes(self, stage: Stage) -> dict[str, Any]:
        is_long = stage.duration_ms >= MIN_STAGE_MS
        executors = self._executors() if is_long else []
        return {
            names.STAGE_ID: stage.id,
            names.STAGE_ATTEMPT: stage.attempt,
            **{name: stage.data[key] // unit for name, key, unit in STAGE_METRICS},
            "spark.stage.tasks.unfinished": stage.data["numActiveTasks"] or None,
            names.STAGE_WAIT_MS: wait_ms(stage),
            names.STAGE_CORES_USED: cores_used(stage) if is_long else None,
            names.STAGE_CORES: cores_available(stage, executors) if is_long else None,
            **self._stage_executors.attributes(stage, executors),
            "spark.stage.failure_reason": _failure(stage).text if stage.has_failed else None,
        }

    def _add(
        self,
        name: str,
        parent: StepHandle | Span | None,
        times_ms: tuple[int, int],
        attributes: Mapping[str, Any],
        priority: Priority,
        failure: Failure | None,
    ) -> Span:
        return self._sink.add_span(
            name,
            parent=parent,
            start_time_ns=times_ms[0] * NS_PER_MS,
            end_time_ns=times_ms[1] * NS_PER_MS,
            attributes=attributes,
            priority=priority,
            error=failure.text if failure else None,
            error_type=failure.type if failure else "",
        )


def _is_tiny(stage: Stage) -> bool:
    return stage.duration_ms < TINY_STAGE_MS and not stage.has_failed and stage.attempt == 0


def _failure(stage: Stage) -> Failure:
    return read_failure(stage.data["failureReason"] or "Stage failed, Spark gave no reason")
