# SPDX-License-Identifier: Apache-2.0
"""One job run: its record, as GetJobRun shows it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

from with_airflow.local.emr_serverless.submission import submission

#: States that a run never leaves ("Job run states", EMR Serverless User Guide).
TERMINAL = frozenset({"SUCCESS", "FAILED", "CANCELLED"})
_DEFAULT_TIMEOUT = 720  # minutes
_MAX_DETAILS = 256  # characters of stateDetails


class JobRun:
    """A run of a job on an application. Every change of state goes through ``become``.

    Parameters
    ----------
    application
        The application's record.
    request
        The StartJobRun request.
    caller
        ARN of who asked.
    """

    def __init__(self, *, application: Mapping[str, Any], request: Mapping[str, Any], caller: str) -> None:
        self.id = f"00{secrets.token_hex(7)}"
        self.stop_requested = threading.Event()
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._monitoring = [
            (source or {}).get("monitoringConfiguration") or {}
            for source in (request.get("configurationOverrides"), application)
        ]
        name = str(request.get("name") or self.id)
        self.submission = submission(request, application, run_id=self.id, name=name)
        now = time.time()
        self.record: dict[str, Any] = {
            "applicationId": application["applicationId"],
            "jobRunId": self.id,
            "name": name,
            "arn": f"{application['arn']}/jobruns/{self.id}",
            "createdBy": caller,
            "createdAt": now,
            "updatedAt": now,
            "executionRole": request["executionRoleArn"],
            "state": "SUBMITTED",
            "stateDetails": "",
            "releaseLabel": application["releaseLabel"],
            "jobDriver": request["jobDriver"],
            "configurationOverrides": request.get("configurationOverrides") or {},
            "tags": request.get("tags") or {},
            "executionTimeoutMinutes": request.get("executionTimeoutMinutes") or _DEFAULT_TIMEOUT,
            "mode": request.get("mode") or "BATCH",
            "attempt": 1,
            "attemptCreatedAt": now,
            "attemptUpdatedAt": now,
        }

    @property
    def state(self) -> str:
        """The current state, for example ``RUNNING``."""
        return str(self.record["state"])

    @property
    def timeout_s(self) -> float:
        """Seconds that the run may take."""
        return float(self.record["executionTimeoutMinutes"]) * 60

    @property
    def log_place(self) -> tuple[str, str] | None:
        """Log group, and the start of the names of its streams; None where nothing is logged."""
        for monitoring in self._monitoring:  # the run's own comes before the application's
            logs = monitoring.get("cloudWatchLoggingConfiguration")
            if logs:
                prefix = [logs["logStreamNamePrefix"]] if logs.get("logStreamNamePrefix") else []
                place = [*prefix, "applications", self.record["applicationId"], "jobs", self.id]
                group = logs.get("logGroupName") or "/aws/emr-serverless"
                return (group, "/".join(place)) if logs.get("enabled") else None
        return None

    def become(self, state: str, *, details: str = "") -> bool:
        """Enter a state; return False, and change nothing, when the run has ended before."""
        now = time.time()
        with self._lock:
            if self.ended.is_set():
                return False
            self.record.update(state=state, updatedAt=now, attemptUpdatedAt=now)
            if details:
                self.record["stateDetails"] = details[:_MAX_DETAILS]
            if state == "RUNNING":
                self.record["startedAt"] = now
            if state in TERMINAL:
                started = self.record.get("startedAt", now)
                self.record.update(endedAt=now, totalExecutionDurationSeconds=max(1, round(now - started)))
                self.ended.set()
        return True
