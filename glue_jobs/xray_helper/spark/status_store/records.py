# SPDX-License-Identifier: Apache-2.0
"""The status store's records, as far as they are read here. All times are milliseconds since the epoch."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

_PORT: Final = re.compile(r":\d+$")
Record = dict[str, Any]  # one object of the store, as JSON


def executor_host(executor: Record) -> str | None:
    """Return the host of an ``ExecutorSummary``, which has no port before its block manager is registered.

    Examples
    --------
    >>> executor_host({"hostPort": "[::1]:4040"}), executor_host({"hostPort": "127.0.0.2"})
    ('[::1]', '127.0.0.2')
    """
    place = str(executor["hostPort"] or "")
    return _PORT.sub("", place) or None


class _Timed:
    """What Spark gave a start and an end."""

    data: Record

    @property
    def is_over(self) -> bool:
        """Whether both are known; a stage may never have started."""
        return self.data["submissionTime"] is not None and self.data["completionTime"] is not None

    @property
    def times_ms(self) -> tuple[int, int]:
        """Start and end of what is over."""
        return self.data["submissionTime"], self.data["completionTime"]

    @property
    def duration_ms(self) -> int:
        """From start to end; 0 of what is not over."""
        return int(self.data["completionTime"] - self.data["submissionTime"]) if self.is_over else 0


@dataclass(frozen=True)
class Stage(_Timed):
    """One attempt of one stage; ``data`` is Spark's ``StageData``."""

    data: Record
    job_ids: tuple[int, ...]

    @classmethod
    def parse(cls, record: Record) -> Stage:
        """Read a ``StageDataWrapper``."""
        return cls(data=record["info"], job_ids=tuple(sorted(record["jobIds"])))

    @property
    def id(self) -> int:
        """Spark's number of the stage."""
        return int(self.data["stageId"])

    @property
    def attempt(self) -> int:
        """0 unless the stage was run again."""
        return int(self.data["attemptId"])

    @property
    def is_running(self) -> bool:
        """Whether tasks are still running; those of a failed stage are killed a little later."""
        return int(self.data["numActiveTasks"]) > 0

    @property
    def has_failed(self) -> bool:
        """Whether this attempt failed."""
        return bool(self.data["status"] == "FAILED")


@dataclass(frozen=True)
class Task:
    """One attempt of one task; ``data`` is Spark's ``TaskDataWrapper``."""

    data: Record

    @property
    def id(self) -> int:
        """Spark's number of the attempt, unique in the application."""
        return int(self.data["taskId"])

    @property
    def partition(self) -> int:
        """The partition that it computed; before Spark 3.4 its number within the stage."""
        known = int(self.data.get("partitionId", -1))
        return known if known >= 0 else int(self.data["index"])

    @property
    def attempt(self) -> int:
        """0 unless the task was run again, or twice at the same time."""
        return int(self.data["attempt"])

    @property
    def is_speculative(self) -> bool:
        """Whether it is the second copy of a task that Spark found slow."""
        return bool(self.data["speculative"])

    @property
    def has_succeeded(self) -> bool:
        """Whether its result was taken."""
        return bool(self.data["status"] == "SUCCESS")

    @property
    def has_failed(self) -> bool:
        """Whether it failed; one that was killed has not."""
        return bool(self.data["status"] == "FAILED")

    @property
    def is_over(self) -> bool:
        """Whether its end is known."""
        return self.data["status"] != "RUNNING" and int(self.data["duration"]) >= 0

    @property
    def times_ms(self) -> tuple[int, int]:
        """Start and end of what is over."""
        start = int(self.data["launchTime"])
        return start, start + int(self.data["duration"])

    def metric(self, name: str) -> int:
        """Return what was measured; Spark keeps -(value + 1) of a task without success, to sort it last."""
        value = int(self.data[name])
        return value if self.has_succeeded else abs(value + 1)

    @property
    def scheduler_delay_ms(self) -> int:
        """What is left of its time without the executor's work, as the Spark UI computes it."""
        start, end = self.times_ms
        fetched_from = int(self.data["resultFetchStart"])
        worked = sum(
            self.metric(name)
            for name in ("executorRunTime", "executorDeserializeTime", "resultSerializationTime")
        )
        return max(0, end - start - worked - (end - fetched_from if fetched_from > 0 else 0))


@dataclass
class SparkJob(_Timed):
    """One Spark job; ``data`` is Spark's ``JobData``.

    ``skipped`` are the stages whose output was there already, ``missing`` those that the store has forgotten,
    ``stages`` the attempts that no other job has shown, ``not_run`` the number of stages without any attempt.
    """

    data: Record
    skipped: frozenset[int]
    execution_id: int | None
    stages: list[Stage] = field(default_factory=list)
    missing: frozenset[int] = frozenset()
    not_run: int = 0

    @classmethod
    def parse(cls, record: Record) -> SparkJob:
        """Read a ``JobDataWrapper``."""
        return cls(
            data=record["info"],
            skipped=frozenset(record["skippedStages"]),
            execution_id=record["sqlExecutionId"],
        )

    @property
    def id(self) -> int:
        """Spark's number of the job."""
        return int(self.data["jobId"])

    @property
    def stage_ids(self) -> frozenset[int]:
        """All stages of the job, also those that were skipped."""
        return frozenset(self.data["stageIds"])

    @property
    def stages_over(self) -> list[Stage]:
        """The attempts that started and ended."""
        return [stage for stage in self.stages if stage.is_over]

    @property
    def has_failed(self) -> bool:
        """Whether the job failed."""
        return bool(self.data["status"] == "FAILED")


@dataclass
class Execution(_Timed):
    """One SQL execution; ``data`` is Spark's ``SQLExecutionUIData``."""

    data: Record
    jobs: list[SparkJob] = field(default_factory=list)

    @property
    def id(self) -> int:
        """Spark's number of the execution."""
        return int(self.data["executionId"])

    @property
    def root_id(self) -> int:
        """The execution that this one is a part of, or its own id (Spark 3.4 and newer)."""
        root: Any = self.data.get("rootExecutionId")
        return self.id if root is None or root < 0 else int(root)

    @property
    def job_ids(self) -> frozenset[int]:
        """The jobs that it started."""
        return frozenset(int(job) for job in self.data["jobs"])

    @property
    def records_error(self) -> bool:
        """Whether this Spark records how executions end (Spark 3.4 and newer)."""
        return "errorMessage" in self.data

    @property
    def error(self) -> str | None:
        """The error that it ended with; Spark writes an empty text for success."""
        return self.data.get("errorMessage") or None

    @property
    def is_intact(self) -> bool:
        """Whether it succeeded, and the store still has all of its stages."""
        return not (self.error or any(job.has_failed or job.missing for job in self.jobs))
