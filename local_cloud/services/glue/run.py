# SPDX-License-Identifier: Apache-2.0
"""One job run: its record, as GetJobRun shows it, and the events that others wait for."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.services.glue.arguments import RunArguments

#: States that a run never leaves ("AWS Glue job run statuses").
TERMINAL = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})
_DEFAULT_TIMEOUT = 480  # minutes, of a Spark job since Glue 5.0
_SHELL_TIMEOUT, _SHELL_DPU = 2880, 0.0625  # minutes and capacity of a Python shell job
_DPU = {
    **{"G.025X": 0.25, "Standard": 1},
    **{f"G.{size}X": size for size in (1, 2, 4, 8, 12, 16)},
    **{f"R.{size}X": size for size in (1, 2, 4, 8)},
}


class JobRun:
    """A run of a job. Every change of state goes through ``become``.

    Parameters
    ----------
    job
        The job's definition, as GetJob shows it.
    request
        The StartJobRun request.
    on_change
        Called with the run after each change of state, without the lock.
    """

    def __init__(
        self, *, job: Mapping[str, Any], request: Mapping[str, Any], on_change: Callable[[JobRun], None]
    ) -> None:
        self.job = job
        self.arguments = RunArguments(
            defaults=job.get("DefaultArguments") or {},
            given=request.get("Arguments") or {},
            fixed=job.get("NonOverridableArguments") or {},
        )
        self.id = "jr_" + secrets.token_hex(32)
        self.stop_requested = threading.Event()
        self.ended = threading.Event()
        self._on_change = on_change
        self._lock = threading.Lock()
        self._running_since: float | None = None
        self.record = self._first_record(job, request)

    @property
    def state(self) -> str:
        """The current state, for example ``RUNNING``."""
        return str(self.record["JobRunState"])

    @property
    def timeout(self) -> float:
        """Seconds that the run may take."""
        return float(self.record["Timeout"]) * 60

    def become(self, state: str, *, error: str = "") -> bool:
        """Enter a state; return False, and change nothing, when the run has ended before."""
        now = time.time()
        with self._lock:
            if self.ended.is_set():
                return False
            self.record.update(JobRunState=state, LastModifiedOn=now)
            if state == "RUNNING":
                self._running_since = now
            if error:
                self.record["ErrorMessage"] = error
            if state in TERMINAL:
                self.record["CompletedOn"] = now
                started = self._running_since
                self.record["ExecutionTime"] = 0 if started is None else max(1, round(now - started))
                self._add_dpu_seconds()
                self.ended.set()
        self._on_change(self)
        return True

    def _add_dpu_seconds(self) -> None:
        """Add what Glue says of a flexible run and of one that scales; here all workers are there at once.

        Source: "JobRun", AWS Glue API reference.
        """
        scales = self.arguments.all.get("--enable-auto-scaling") == "true"
        if scales or self.record["ExecutionClass"] == "FLEX":
            self.record["DPUSeconds"] = float(self.record["ExecutionTime"] * self.record["MaxCapacity"])

    def _first_record(self, job: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
        now = time.time()
        workers = request.get("NumberOfWorkers") or job.get("NumberOfWorkers") or 2
        worker_type = request.get("WorkerType") or job.get("WorkerType") or "G.1X"
        capacity = dpus(worker_type, workers)
        queuing = request.get("JobRunQueuingEnabled", job.get("JobRunQueuingEnabled", False))
        security = request.get("SecurityConfiguration") or job.get("SecurityConfiguration")
        record = {
            "Id": self.id,
            "Attempt": 0,
            "JobName": job["Name"],
            "JobMode": job.get("JobMode") or "SCRIPT",
            "JobRunQueuingEnabled": queuing,
            "StartedOn": now,
            "LastModifiedOn": now,
            "JobRunState": "STARTING",
            "Arguments": dict(request.get("Arguments") or {}),
            "PredecessorRuns": request.get("PredecessorRuns", []),
            "AllocatedCapacity": int(capacity),
            "ExecutionTime": 0,
            "Timeout": request.get("Timeout") or job.get("Timeout") or _DEFAULT_TIMEOUT,
            "MaxCapacity": capacity,
            "WorkerType": worker_type,
            "NumberOfWorkers": workers,
            "LogGroupName": "/aws-glue/jobs",
            "GlueVersion": job.get("GlueVersion") or "5.1",
            "ExecutionClass": request.get("ExecutionClass") or job.get("ExecutionClass") or "STANDARD",
        }
        trigger = request.get("TriggerName")  # of Glue's own making: no caller of StartJobRun can name one
        more = {"SecurityConfiguration": security, "TriggerName": trigger}
        record |= {name: value for name, value in more.items() if value}
        return _of_python_shell(record, job, request) if is_python_shell(job) else record


def dpus(worker_type: str, workers: int) -> float:
    """Return the processing units of some workers."""
    return float(workers * _DPU.get(worker_type, 1))


def is_python_shell(job: Mapping[str, Any]) -> bool:
    """Return whether a job is plain Python, without Spark."""
    return (job.get("Command") or {}).get("Name") == "pythonshell"


def _of_python_shell(
    record: dict[str, Any], job: Mapping[str, Any], request: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the record with a part of one processing unit instead of workers."""
    capacity = float(request.get("MaxCapacity") or job.get("MaxCapacity") or _SHELL_DPU)
    without = {name: value for name, value in record.items() if name not in ("WorkerType", "NumberOfWorkers")}
    return {
        **without,
        "AllocatedCapacity": int(capacity),
        "MaxCapacity": capacity,
        "Timeout": request.get("Timeout") or job.get("Timeout") or _SHELL_TIMEOUT,
        "LogGroupName": "/aws-glue/python-jobs",
    }
