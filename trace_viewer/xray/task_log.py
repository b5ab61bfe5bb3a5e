# SPDX-License-Identifier: Apache-2.0
"""Spark's task counts of running jobs, from their logs."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from trace_viewer.model.document import Node
from trace_viewer.model.progress import Tasks
from trace_viewer.model.trace import Trace
from trace_viewer.xray.session import XRayError, aws_client, aws_failures, aws_session
from xray_common.conventions import TASKS_DONE, TASKS_TOTAL

# A count that comes late is of no use: the next snapshot asks again.
_SOON: dict[str, Any] = {"connect_timeout": 2, "read_timeout": 5, "retries": {"total_max_attempts": 1}}


class TaskLog:
    """Reads the newest task counts of each running job from the log groups that its segment names.

    A line counts that is JSON with ``tasks_done``, ``tasks_total`` and the trace's id. What cannot be read
    is left out: a bar of steps is shown then.
    """

    def __init__(self, session: Any = None) -> None:
        self._session = session or aws_session()
        self._known: dict[str, Tasks] = {}
        self._read_until: dict[tuple[str, str], int] = {}  # milliseconds since the epoch

    def __call__(self, trace: Trace) -> dict[str, Tasks]:
        """Return the task counts by the id of the job's segment."""
        for node in trace.tree.segments:
            if node.in_progress:
                for group in node.log_groups:
                    self._read(group, node, trace)
        return dict(self._known)

    @cached_property
    def _client(self) -> Any:
        return aws_client(self._session, "logs", **_SOON)

    def _read(self, group: str, node: Node, trace: Trace) -> None:
        key = (group, node.id)
        since = self._read_until.setdefault(key, int(node.start * 1000))
        words = f'"{TASKS_TOTAL}" "{trace.id}"'
        request = {"logGroupName": group, "startTime": since, "filterPattern": words}
        try:
            for page in self._client.get_paginator("filter_log_events").paginate(**request):
                for event in page["events"]:
                    self._read_until[key] = max(self._read_until[key], event["timestamp"])
                    self._note(event["message"], node)
        except aws_failures(XRayError):
            return

    def _note(self, message: str, node: Node) -> None:
        try:
            line = json.loads(message)
            if line.get("job_name", node.name) == node.name:
                counts = int(line[TASKS_DONE]), int(line[TASKS_TOTAL])
                self._known[node.id] = Tasks(*counts, step=str(line.get("step") or ""))
        except (ValueError, KeyError, TypeError, AttributeError):  # another line that has the same words
            return
