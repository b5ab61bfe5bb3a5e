# SPDX-License-Identifier: Apache-2.0
"""Totals of everything that a step, or the job, has run."""

from __future__ import annotations

from dataclasses import dataclass, fields

from xray_helper.spark.status_store.records import Execution, SparkJob


@dataclass
class Totals:
    """Counts; each becomes the attribute ``spark.<name>``, with dots for double underscores."""

    executions: int = 0
    executions__failed: int = 0
    executions__result_unknown: int = 0
    jobs: int = 0
    jobs__failed: int = 0
    stages: int = 0
    stages__failed: int = 0
    stages__retried: int = 0
    stages__skipped: int = 0
    stages__not_run: int = 0
    stages__evicted: int = 0
    tasks: int = 0
    tasks__failed: int = 0
    executor__run_time_ms: int = 0

    def add_execution(self, execution: Execution) -> None:
        """Count an SQL execution."""
        self.executions += 1
        self.executions__failed += execution.error is not None
        self.executions__result_unknown += not execution.records_error

    def add_job(self, job: SparkJob) -> None:
        """Count a job and its stages."""
        ran = job.stages_over
        self.jobs += 1
        self.jobs__failed += job.has_failed
        self.stages += len(ran)
        self.stages__failed += sum(stage.has_failed for stage in ran)
        self.stages__retried += sum(stage.attempt > 0 for stage in ran)
        if job.has_failed:
            self.stages__not_run += job.not_run
        else:
            self.stages__skipped += job.not_run
        self.stages__evicted += len(job.missing)
        self.tasks += sum(stage.data["numTasks"] for stage in ran)
        self.tasks__failed += job.data["numFailedTasks"]
        self.executor__run_time_ms += sum(stage.data["executorRunTime"] for stage in ran)

    def merge(self, other: Totals) -> None:
        """Add the counts of another step."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def attributes(self) -> dict[str, int]:
        """Return the counts by their names; what is rare is left out where there was none."""
        always = ("executions", "jobs", "stages", "tasks", "executor__run_time_ms")
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            f"spark.{name.replace('__', '.')}": value
            for name, value in values.items()
            if value or name in always
        }
