# SPDX-License-Identifier: Apache-2.0
"""How far the jobs of a growing trace are: their steps, and Spark's task counts from their logs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from trace_viewer.model import text
from trace_viewer.model.document import Node
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import Tree, preorder

# A count that comes late is of no use: the next look asks again.
_SOON = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks of the Spark stages that run, in a step."""

    done: int
    total: int
    step: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: the steps it has begun, and how many there will be where an earlier run tells."""

    job: Node
    begun: int
    current: str
    expected: int | None = None
    tasks: Tasks | None = None

    @property
    def is_running(self) -> bool:
        """Whether the job is still in progress."""
        return self.job.in_progress

    @property
    def share(self) -> tuple[int, int] | None:
        """What is done and what there is to do; None when nothing says so.

        Tasks, where they are known; else steps, of which the one that was begun last is not done.
        """
        if self.tasks:
            return self.tasks.done, self.tasks.total
        return (max(0, self.begun - 1), self.expected) if self.expected else None


def jobs(tree: Tree, usual: Tree | None = None, tasks: Mapping[str, Tasks] | None = None) -> list[Progress]:
    """Return the innermost segments with their steps: the jobs, and what has started none yet.

    Parameters
    ----------
    usual
        An earlier run: a job is expected to have as many steps as the last of its name had there.
    tasks
        Task counts by the segment's id.
    """
    expected = {one.job.name: one.begun for one in jobs(usual)} if usual else {}
    return [
        Progress(
            node,
            len(steps),
            steps[-1].name if steps else "",
            expected.get(node.name),
            (tasks or {}).get(node.id) if node.in_progress else None,
        )
        for node in tree.segments
        if not node.inferred and not any(other.is_segment for other in _below(node))
        for steps in [node.children]
    ]


def _below(node: Node) -> Iterator[Node]:
    return (other for other in preorder(node) if other is not node and not other.inferred)


def said(one: Progress) -> str:
    """Say where a job is, in words.

    Example
    -------
    >>> said(Progress(Node("1", "clean", 0.0, None, True, in_progress=True), 3, "Remove Duplicates", 8))
    'step 3 of 8: Remove Duplicates'
    """
    node = one.job
    if node.failure:
        return f"failed in {text.plain(one.current)}" if one.current else "failed"
    if one.is_running and one.tasks:  # the log is newer than the trace
        step = text.plain(one.tasks.step or one.current)
        return f"{step}{': ' if step else ''}{one.tasks.done:,} of {one.tasks.total:,} Spark tasks"
    if one.is_running and one.current:
        of = f" of {one.expected}" if one.expected else ""
        return f"step {one.begun}{of}: {text.plain(one.current)}"
    tasks = _spark_tasks(node)
    steps = f"{one.begun} step" if one.begun == 1 else f"{one.begun} steps"
    return "started" if one.is_running else f"{steps}, {tasks:,} Spark tasks" if tasks else steps


def _spark_tasks(node: Node) -> int:
    default = node.metadata.get("default")
    tasks = default.get("spark.tasks") if isinstance(default, dict) else None
    return tasks if isinstance(tasks, int) else 0


class TaskLog:
    """Reads the newest task counts of each running job from the log groups that its segment names.

    A line counts that is JSON with ``tasks_done``, ``tasks_total`` and the trace's id. What cannot be read
    is left out: a bar of steps is shown then.
    """

    def __init__(self, session: Any = None) -> None:
        self._session = session or boto3.Session()
        self._known: dict[str, Tasks] = {}
        self._read_until: dict[tuple[str, str], int] = {}  # milliseconds since the epoch

    def __call__(self, trace: Trace) -> dict[str, Tasks]:
        """Return the task counts by the id of the job's segment."""
        for node in trace.tree.segments:
            if node.in_progress:
                for group in _log_groups(node):
                    self._read(group, node, trace)
        return dict(self._known)

    @cached_property
    def _client(self) -> Any:
        return self._session.client("logs", config=_SOON)

    def _read(self, group: str, node: Node, trace: Trace) -> None:
        key = (group, node.id)
        since = self._read_until.setdefault(key, int(node.start * 1000))
        words = f'"tasks_total" "{trace.id}"'
        request = {"logGroupName": group, "startTime": since, "filterPattern": words}
        try:
            for page in self._client.get_paginator("filter_log_events").paginate(**request):
                for event in page["events"]:
                    self._read_until[key] = max(self._read_until[key], event["timestamp"])
                    self._note(event["message"], node)
        except (BotoCoreError, ClientError):
            return

    def _note(self, message: str, node: Node) -> None:
        try:
            line = json.loads(message)
            if line.get("job_name", node.name) == node.name:
                counts = int(line["tasks_done"]), int(line["tasks_total"])
                self._known[node.id] = Tasks(*counts, step=str(line.get("step") or ""))
        except (ValueError, KeyError, TypeError, AttributeError):  # another line that has the same words
            return


def _log_groups(node: Node) -> list[str]:
    aws = node.details.get("aws")
    entries = aws.get("cloudwatch_logs") if isinstance(aws, dict) else None
    return [str(entry["log_group"]) for entry in entries or () if "log_group" in entry]
