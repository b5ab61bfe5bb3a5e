# SPDX-License-Identifier: Apache-2.0
"""One run of a workflow: its record, as GetWorkflowRun shows it, and what it started."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from local_cloud.services.glue.run import TERMINAL, JobRun

_COUNTED = {
    "SUCCEEDED": "SucceededActions", "FAILED": "FailedActions", "STOPPED": "StoppedActions",
    "TIMEOUT": "TimeoutActions", "ERROR": "ErroredActions", "CANCELLED": "StoppedActions",
    "WAITING": "WaitingActions",
}  # fmt: skip


class WorkflowRun:
    """A run.

    Parameters
    ----------
    workflow
        Its definition.
    properties
        Run properties, on top of the workflow's own.
    previous
        Id of the run before.
    """

    def __init__(
        self, workflow: Mapping[str, Any], *, properties: Mapping[str, str], previous: str | None
    ) -> None:
        self.id = "wr_" + secrets.token_hex(32)
        self.properties = {**(workflow.get("DefaultRunProperties") or {}), **properties}
        self.fired: set[str] = set()  # triggers
        self.jobs: list[JobRun] = []
        self.crawls: dict[str, str] = {}  # crawler -> RUNNING, or the state in which it ended
        self.not_started = 0  # actions that Glue refused to start
        self.record: dict[str, Any] = {
            "Name": workflow["Name"],
            "WorkflowRunId": self.id,
            "WorkflowRunProperties": self.properties,
            "StartedOn": time.time(),
            "Status": "RUNNING",
            **({"PreviousRunId": previous} if previous else {}),
        }
        self.count()

    @property
    def is_active(self) -> bool:
        """Whether something that it started still runs."""
        return any(run.state not in TERMINAL for run in self.jobs) or "RUNNING" in self.crawls.values()

    def ended(self) -> dict[tuple[str, str], str]:
        """Return what has ended, and in which state; of several runs of a job the last."""
        jobs = {("job", str(run.job["Name"])): run.state for run in self.jobs if run.state in TERMINAL}
        crawls = {("crawler", name): state for name, state in self.crawls.items() if state != "RUNNING"}
        return jobs | crawls

    def end(self) -> None:
        """Note that nothing more will be started."""
        self.record["Status"] = "STOPPED" if self.record["Status"] == "STOPPING" else "COMPLETED"
        self.record["CompletedOn"] = time.time()

    def count(self) -> None:
        """Bring the statistics up to date."""
        states = [run.state for run in self.jobs] + list(self.crawls.values())
        counts = dict.fromkeys(_COUNTED.values(), 0)
        for state in states:
            if state in _COUNTED:
                counts[_COUNTED[state]] += 1
        counts["ErroredActions"] += self.not_started
        running = sum(state not in _COUNTED for state in states)
        self.record["Statistics"] = {
            "TotalActions": len(states) + self.not_started, "RunningActions": running, **counts
        }  # fmt: skip
