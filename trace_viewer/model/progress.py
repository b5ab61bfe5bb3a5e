# SPDX-License-Identifier: Apache-2.0
"""How far the jobs of a growing trace are: the steps they have begun, and the Spark tasks of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trace_viewer.model import text
from trace_viewer.model.document import Node
from trace_viewer.model.tree import Tree
from xray_common.conventions import SPARK_TASKS


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks of the Spark stages that run, in a step."""

    done: int
    total: int
    step: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: the steps it has begun, and how many there will be if an earlier run is known."""

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
        """Work done and work in all; None when either is unknown.

        Tasks, where they are known; else steps, of which the one that was begun last is not done.
        """
        if self.tasks:
            return self.tasks.done, self.tasks.total
        return (max(0, self.begun - 1), self.expected) if self.expected else None


def jobs(tree: Tree, earlier: Tree | None = None, tasks: Mapping[str, Tasks] | None = None) -> list[Progress]:
    """Return the innermost segments with their steps: the jobs, and what has started none yet.

    Parameters
    ----------
    earlier
        A run that is over: a job is expected to have as many steps as the last of its name had there.
    tasks
        Task counts by the segment's id.
    """
    expected = {job.name: len(_steps(job)) for job in _innermost(earlier)} if earlier else {}
    return [
        Progress(
            job,
            len(_steps(job)),
            _steps(job)[-1].name if _steps(job) else "",
            expected.get(job.name),
            (tasks or {}).get(job.id) if job.in_progress else None,
        )
        for job in _innermost(tree)
    ]


def _steps(job: Node) -> list[Node]:
    return [child for child in job.children if not child.is_beside]


def _innermost(tree: Tree) -> list[Node]:
    def is_sent_segment(node: Node) -> bool:
        return node.is_segment and not node.inferred

    sent = filter(is_sent_segment, tree.nodes)
    return [node for node in sent if not any(map(is_sent_segment, node.descendants()))]


def describe(progress: Progress) -> str:
    """Return where a job is, in words.

    Example
    -------
    >>> describe(Progress(Node("1", "clean", 0.0, None, True, in_progress=True), 3, "Remove Duplicates", 8))
    'step 3 of 8: Remove Duplicates'
    """
    job, begun, tasks = progress.job, progress.begun, progress.tasks
    current = text.plain(progress.current)
    if job.failure:
        return f"failed in {current}" if current else "failed"
    if progress.is_running and tasks:  # the log is newer than the trace
        step = text.plain(tasks.step) or current
        return f"{step}{': ' if step else ''}{tasks.done:,} of {tasks.total:,} Spark tasks"
    if progress.is_running:
        of = f" of {progress.expected}" if progress.expected else ""
        return f"step {begun}{of}: {current}" if current else "started"
    steps = f"{begun} step" if begun == 1 else f"{begun} steps"
    spark_tasks = _spark_tasks(job)
    return f"{steps}, {spark_tasks:,} Spark tasks" if spark_tasks else steps


def _spark_tasks(node: Node) -> int:
    tasks = node.attributes.get(SPARK_TASKS)
    return tasks if isinstance(tasks, int) else 0
