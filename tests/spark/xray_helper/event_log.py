# SPDX-License-Identifier: Apache-2.0
"""Spark's event log, read without any of the code under test."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.spark.xray_helper.scenery import TRUTH

Event = dict[str, Any]
Attempt = tuple[int, int]
_SQL = "org.apache.spark.sql.execution.ui.SparkListenerSQL"


@dataclass
class EventLog:
    """Everything that happened, by Spark's own numbers."""

    job_starts: dict[int, Event] = field(default_factory=dict)
    job_ends: dict[int, Event] = field(default_factory=dict)
    stages: dict[Attempt, Event] = field(default_factory=dict)
    tasks: dict[Attempt, list[Event]] = field(default_factory=lambda: defaultdict(list))
    sql_starts: dict[int, Event] = field(default_factory=dict)
    sql_ends: dict[int, Event] = field(default_factory=dict)
    executors_added: dict[str, Event] = field(default_factory=dict)
    executors_removed: dict[str, Event] = field(default_factory=dict)
    cores: int = 0

    @classmethod
    def read(cls, folder: Path) -> EventLog:
        """Read the only log in a folder."""
        (path,) = folder.iterdir()
        log = cls()
        for line in path.read_text().splitlines():
            log._take(json.loads(line))
        return log

    def _take(self, event: Event) -> None:
        kind = event["Event"]
        if kind == "SparkListenerJobStart":
            self.job_starts[event["Job ID"]] = event
        elif kind == "SparkListenerJobEnd":
            self.job_ends[event["Job ID"]] = event
        elif kind == "SparkListenerStageCompleted":
            info = event["Stage Info"]
            self.stages[info["Stage ID"], info["Stage Attempt ID"]] = info
        elif kind == "SparkListenerTaskEnd":
            self.tasks[event["Stage ID"], event["Stage Attempt ID"]].append(event)
        elif kind == "SparkListenerExecutorAdded":
            self.executors_added[event["Executor ID"]] = event
            self.cores += event["Executor Info"]["Total Cores"]
        elif kind == "SparkListenerExecutorRemoved":
            self.executors_removed.setdefault(event["Executor ID"], event)  # Spark 3.3 may tell it twice
        elif kind == f"{_SQL}ExecutionStart":
            self.sql_starts[event["executionId"]] = event
        elif kind == f"{_SQL}ExecutionEnd":
            self.sql_ends[event["executionId"]] = event

    def jobs_between(self, start_ns: int, end_ns: int) -> set[int]:
        """Name the jobs that were submitted in a time; other traced jobs ran before or after it."""
        return {
            number
            for number, event in self.job_starts.items()
            if start_ns // 10**6 <= event["Submission Time"] <= end_ns // 10**6
        }

    def executions_between(self, start_ns: int, end_ns: int) -> set[int]:
        """Name the SQL executions that were started in a time."""
        return {
            number
            for number, event in self.sql_starts.items()
            if start_ns // 10**6 <= event["time"] <= end_ns // 10**6
        }

    def executors_between(self, start_ns: int, end_ns: int) -> set[str]:
        """Name the executors that lived in a time, or in a part of it."""
        return {
            number
            for number, event in self.executors_added.items()
            if event["Timestamp"] * 10**6 <= end_ns
            and (
                number not in self.executors_removed
                or self.executors_removed[number]["Timestamp"] * 10**6 > start_ns
            )
        }

    def execution_of(self, job: int) -> int | None:
        """Return the SQL execution that started a job."""
        number = self.job_starts[job]["Properties"].get("spark.sql.execution.id")
        return int(number) if number is not None else None

    def step_of(self, job: int) -> str | None:
        """Name the step that a job was run for, where the pipeline has said so."""
        name: str | None = self.job_starts[job]["Properties"].get(TRUTH)
        return name

    def task(self, number: int) -> Event:
        """Return the end of a task by Spark's number."""
        (found,) = (
            event
            for tasks in self.tasks.values()
            for event in tasks
            if event["Task Info"]["Task ID"] == number
        )
        return found

    def stages_of(self, job: int) -> set[Attempt]:
        """Name the attempts of a job's stages that came to an end, as failures or not."""
        numbers = set(self.job_starts[job]["Stage IDs"])
        return {attempt for attempt in self.stages if attempt[0] in numbers}


def stage_metrics(tasks: list[Event]) -> dict[str, int]:
    """Add up what the tasks of a stage attempt reported, under the names of the trace."""
    metrics = [task["Task Metrics"] for task in tasks if task.get("Task Metrics")]
    reasons = [task["Task End Reason"]["Reason"] for task in tasks]
    fields = {
        "spark.stage.executor.run_time_ms": ("Executor Run Time",),
        "spark.stage.executor.deserialize_time_ms": ("Executor Deserialize Time",),
        "spark.stage.jvm.gc_time_ms": ("JVM GC Time",),
        "spark.stage.input.bytes": ("Input Metrics", "Bytes Read"),
        "spark.stage.input.records": ("Input Metrics", "Records Read"),
        "spark.stage.output.bytes": ("Output Metrics", "Bytes Written"),
        "spark.stage.output.records": ("Output Metrics", "Records Written"),
        "spark.stage.shuffle.read_records": ("Shuffle Read Metrics", "Total Records Read"),
        "spark.stage.shuffle.fetch_wait_time_ms": ("Shuffle Read Metrics", "Fetch Wait Time"),
        "spark.stage.shuffle.write_bytes": ("Shuffle Write Metrics", "Shuffle Bytes Written"),
        "spark.stage.shuffle.write_records": ("Shuffle Write Metrics", "Shuffle Records Written"),
        "spark.stage.memory.spilled_bytes": ("Memory Bytes Spilled",),
        "spark.stage.disk.spilled_bytes": ("Disk Bytes Spilled",),
    }
    sums = {name: sum(_field(metric, path) for metric in metrics) for name, path in fields.items()}
    remote = sum(_field(metric, ("Shuffle Read Metrics", "Remote Bytes Read")) for metric in metrics)
    local = sum(_field(metric, ("Shuffle Read Metrics", "Local Bytes Read")) for metric in metrics)
    cpu_ns = sum(metric["Executor CPU Time"] for metric in metrics)
    return sums | {
        "spark.stage.shuffle.read_bytes": remote + local,
        "spark.stage.executor.cpu_time_ms": cpu_ns // 10**6,
        "spark.stage.tasks.failed": sum(reason not in {"Success", "TaskKilled"} for reason in reasons),
        "spark.stage.tasks.killed": reasons.count("TaskKilled"),
    }


def measured(task: Event) -> dict[str, int]:
    """Name what one task reported as the trace does: its time only where it did not succeed."""
    metrics, info = task.get("Task Metrics"), task["Task Info"]
    if not metrics:
        return {}
    if task["Task End Reason"]["Reason"] != "Success":
        return {"spark.task.run_time_ms": metrics["Executor Run Time"]}
    fields = {
        "spark.task.run_time_ms": ("Executor Run Time",),
        "spark.task.deserialize_time_ms": ("Executor Deserialize Time",),
        "spark.task.gc_time_ms": ("JVM GC Time",),
        "spark.task.peak_memory_bytes": ("Peak Execution Memory",),
        "spark.task.memory.spilled_bytes": ("Memory Bytes Spilled",),
        "spark.task.disk.spilled_bytes": ("Disk Bytes Spilled",),
        "spark.task.input.bytes": ("Input Metrics", "Bytes Read"),
        "spark.task.input.records": ("Input Metrics", "Records Read"),
        "spark.task.output.bytes": ("Output Metrics", "Bytes Written"),
        "spark.task.output.records": ("Output Metrics", "Records Written"),
        "spark.task.shuffle.read_records": ("Shuffle Read Metrics", "Total Records Read"),
        "spark.task.shuffle.fetch_wait_time_ms": ("Shuffle Read Metrics", "Fetch Wait Time"),
        "spark.task.shuffle.write_bytes": ("Shuffle Write Metrics", "Shuffle Bytes Written"),
        "spark.task.shuffle.write_records": ("Shuffle Write Metrics", "Shuffle Records Written"),
    }
    read = metrics["Shuffle Read Metrics"]
    return {name: _field(metrics, path) for name, path in fields.items()} | {
        "spark.task.cpu_time_ms": metrics["Executor CPU Time"] // 10**6,
        "spark.task.shuffle.read_bytes": read["Remote Bytes Read"] + read["Local Bytes Read"],
        "spark.task.scheduler_delay_ms": max(0, _duration_ms(info) - _work_ms(metrics) - _fetching_ms(info)),
    }


def delay_ms(tasks: list[Event]) -> int | None:
    """Add up what the tasks of a stage attempt waited for; None where one did not succeed."""
    if any(task["Task End Reason"]["Reason"] != "Success" for task in tasks):
        return None
    return sum(_duration_ms(task["Task Info"]) - _work_ms(task["Task Metrics"]) for task in tasks)


def mean_ms(tasks: list[Event]) -> float:
    """Average the time of tasks from launch to end."""
    return sum(_duration_ms(task["Task Info"]) for task in tasks) / len(tasks)


def _duration_ms(info: Event) -> int:
    return int(info["Finish Time"] - info["Launch Time"])


def _work_ms(metrics: Event) -> int:
    names = ("Executor Run Time", "Executor Deserialize Time", "Result Serialization Time")
    return sum(int(metrics[name]) for name in names)


def _fetching_ms(info: Event) -> int:
    return int(info["Finish Time"] - info["Getting Result Time"]) if info["Getting Result Time"] else 0


def task_metrics(tasks: list[Event]) -> dict[str, int]:
    """Find the lower median and the maximum over the tasks that succeeded."""
    good = [task["Task Metrics"] for task in tasks if task["Task End Reason"]["Reason"] == "Success"]
    times = sorted(metric["Executor Run Time"] for metric in good)
    median = times[(len(times) - 1) // 2]
    return {
        "spark.stage.task.p50_ms": median,
        "spark.stage.task.max_ms": times[-1],
        "spark.stage.skew_time_ms": times[-1] - median,
        "spark.stage.task.peak_memory_bytes": max(metric["Peak Execution Memory"] for metric in good),
    }


def _field(metric: Event, path: tuple[str, ...]) -> int:
    value: Any = metric
    for key in path:
        value = value[key]
    return int(value)
