# SPDX-License-Identifier: Apache-2.0
"""Which executions, jobs and stages are new since the last poll, and which step each belongs to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Protocol

from xray_helper.spark.status_store.id_cursor import IdCursor
from xray_helper.spark.status_store.records import Execution, Record, SparkJob, Stage
from xray_helper.spark.status_store.store import StatusStore

# Spark writes the end of an execution in a thread of its own, after the plan's metrics are added up.
SETTLE_S: Final = 0.25
PAUSE_S: Final = 0.004


@dataclass
class Actions:
    """What one step has run: SQL executions with their jobs, and jobs without an execution (RDD actions)."""

    executions: list[Execution] = field(default_factory=list)
    jobs: list[SparkJob] = field(default_factory=list)

    def all_jobs(self) -> list[SparkJob]:
        """List all jobs, whether an execution is known for them or not."""
        return [job for execution in self.executions for job in execution.jobs] + self.jobs


class StepTags(Protocol):
    """Knows which step a record of Spark belongs to; None: to none."""

    def step_of_job(self, job: Record) -> int | None:
        """Return the number of the innermost step around a job."""

    def step_of_execution(self, execution: Record) -> int | None:
        """Return the step of an SQL execution, by what its own record says."""


class StatusCollector:
    """Keeps what was read and not handed out yet; hands out everything exactly once.

    Parameters
    ----------
    store
        Where to read.
    tags
        Knows the step of a job or an execution.
    since_ms
        What started before this time (milliseconds since the epoch) belongs to somebody else.
    """

    def __init__(self, *, store: StatusStore, tags: StepTags, since_ms: int) -> None:
        self._store = store
        self._tags = tags
        self._since_ms = since_ms
        self._jobs: dict[int, SparkJob] = {}
        self._executions: dict[int, Execution] = {}
        self._step_of_execution: dict[int, int | None] = {}
        self._given: set[tuple[int, int]] = set()  # stage attempts
        self._executions_known = -1  # as many were in the store when it was read
        # An empty store is asked how many records it has, and no more.
        jobs = store.job_count()
        newest = store.newest_execution() if store.execution_count() else None
        next_job = self._after_foreign(store.newest_job() if jobs else None, "jobId")
        self._job_ids = IdCursor(first=jobs, next=next_job)
        self._execution_ids = IdCursor(
            first=newest["executionId"] + 1 if newest else 0,
            next=self._after_foreign(newest, "executionId"),
        )

    def collect(self) -> None:
        """Read what is new."""
        jobs = self._collect_jobs() if self._store.job_count() > self._job_ids.next else 0
        known = self._store.execution_count()
        if jobs or not self._is_unchanged(known):
            self._collect_executions(likely=jobs + 1)
            self._executions_known = known

    def close(self) -> None:
        """Account for the last ids; nothing runs any more."""
        self._job_ids.close(self._store.job_count())

    def settle(self, *steps: int | None) -> None:
        """Wait, not for long, for the ends of executions whose action has returned already."""
        deadline = time.monotonic() + SETTLE_S
        while any(map(self._has_open_execution, steps)) and time.monotonic() < deadline:
            time.sleep(PAUSE_S)
            self._collect_executions()

    def take(self, step: int | None, *, is_last: bool = False) -> Actions:
        """Hand out what a step has run and what is over; with ``is_last``, jobs of open executions too."""
        actions = Actions()
        for execution in self._executions_of(step):
            jobs = [self._jobs[number] for number in sorted(execution.job_ids) if number in self._jobs]
            if execution.is_over and all(job.is_over for job in jobs):
                execution.jobs = jobs
                actions.executions.append(self._executions.pop(execution.id))
                for job in jobs:
                    del self._jobs[job.id]
        for job in [job for job in self._jobs.values() if self._tags.step_of_job(job.data) == step]:
            waits = job.execution_id in self._executions and not is_last
            if job.is_over and not waits:
                actions.jobs.append(self._jobs.pop(job.id))
        self._add_stages(actions.all_jobs())
        return actions

    def steps(self) -> set[int | None]:
        """Return the steps that something is left of; None is what ran outside of all steps."""
        of_jobs = {self._tags.step_of_job(job.data) for job in self._jobs.values()}
        return of_jobs | {self._step_of_execution[number] for number in self._executions}

    def unfinished(self) -> tuple[int, int]:
        """Count the executions and the jobs whose end is not known."""
        return len(self._executions), len(self._jobs)

    def missing(self) -> tuple[int, int]:
        """Count the executions and the jobs whose ids Spark gave out and the store does not have."""
        return self._execution_ids.missing, self._job_ids.missing

    def _collect_jobs(self) -> int:
        """Read the jobs that are new or were not over; return how many."""
        found = [SparkJob.parse(record) for record in self._store.jobs_from(self._job_ids.next)]
        if not found:
            return 0
        for job in found:
            if (job.id > self._job_ids.seen and self._is_ours(job.data)) or job.id in self._jobs:
                self._jobs[job.id] = job
        unfinished = (job.id for job in found if not job.is_over)
        self._job_ids.advance([job.id for job in found], unfinished=unfinished)
        return len(found)

    def _collect_executions(self, *, likely: int = 1) -> None:
        records = self._store.executions_from(self._execution_ids.next, likely=likely)
        found = [Execution(record) for record in records]
        if not found:
            return
        for execution in found:
            is_new = execution.id > self._execution_ids.seen and self._is_ours(execution.data)
            if is_new or execution.id in self._executions:
                self._executions[execution.id] = execution
                self._step_of_execution[execution.id] = self._find_step(execution)
        unfinished = (execution.id for execution in found if not execution.is_over)
        self._execution_ids.advance([execution.id for execution in found], unfinished=unfinished)

    def _is_unchanged(self, count: int) -> bool:
        """Return whether no execution is new, and none was open: most steps run nothing."""
        may_forget = 2 * count > self._store.retained_executions
        return count == self._executions_known and self._execution_ids.is_at_end and not may_forget

    def _after_foreign(self, newest: Record | None, key: str) -> int:
        """Return the id to start with: a session may have run many other jobs before this one."""
        return int(newest[key]) + 1 if newest and not self._is_ours(newest) else 0

    def _is_ours(self, data: Record) -> bool:
        return (data["submissionTime"] or 0) >= self._since_ms

    def _find_step(self, execution: Execution) -> int | None:
        known = (
            self._tags.step_of_job(self._jobs[job].data) for job in execution.job_ids if job in self._jobs
        )
        by_jobs = next((number for number in known if number is not None), None)
        if by_jobs is not None:
            return by_jobs
        own = self._tags.step_of_execution(execution.data)
        return own if own is not None else self._step_of_execution.get(execution.root_id)

    def _executions_of(self, step: int | None) -> list[Execution]:
        numbers = sorted(number for number in self._executions if self._step_of_execution[number] == step)
        return [self._executions[number] for number in numbers]

    def _has_open_execution(self, step: int | None) -> bool:
        return any(not execution.is_over for execution in self._executions_of(step))

    def _add_stages(self, jobs: list[SparkJob]) -> None:
        """Read the stages; one that several jobs share is given to the first that is over."""
        if not jobs:
            return
        by_id = self._read_stages(jobs)
        for job in jobs:
            stages = [stage for number in job.stage_ids for stage in by_id.get(number, ())]
            ran = {stage.id for stage in stages if stage.is_over}
            job.stages = sorted(self._first_time(stages), key=lambda stage: (stage.id, stage.attempt))
            job.missing = job.stage_ids - job.skipped - by_id.keys()
            job.not_run = len(job.stage_ids - ran - job.missing)

    def _read_stages(self, jobs: list[SparkJob]) -> dict[int, list[Stage]]:
        """Read all attempts; for those of failed jobs wait until their last tasks have been killed."""
        wanted = {number for job in jobs for number in job.stage_ids}
        deadline = time.monotonic() + (SETTLE_S if any(job.has_failed for job in jobs) else 0)
        while True:
            by_id: dict[int, list[Stage]] = {}
            for stage in map(Stage.parse, self._store.stages_from(min(wanted, default=0))):
                by_id.setdefault(stage.id, []).append(stage)
            running = any(stage.is_running for number in wanted for stage in by_id.get(number, ()))
            if not running or time.monotonic() >= deadline:
                return by_id
            time.sleep(PAUSE_S)

    def _first_time(self, stages: list[Stage]) -> list[Stage]:
        new = [stage for stage in stages if (stage.id, stage.attempt) not in self._given]
        self._given.update((stage.id, stage.attempt) for stage in new)
        return new
