# SPDX-License-Identifier: Apache-2.0
"""How Spark is told which step a job belongs to, and how a record says so.

Three marks, all of them local properties that Spark hands on to broadcast and adaptive jobs by itself: a
job tag (Spark 3.5 and newer), a job group, and a description with the step's number. A group that the user
has set stays, because ``cancelJobGroup`` must go on working; then the other two marks tell.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from xray_helper.spark.status_store.records import Record

_GROUP: Final = "spark.jobGroup.id"
_DESCRIPTION: Final = "spark.job.description"


@dataclass(frozen=True)
class Saved:
    """What a thread's marks were before a step, and what the step has set."""

    before: dict[str, str | None]
    ours: dict[str, str]
    tag: str


class Marks:
    """The marks of one traced job's steps."""

    def __init__(self) -> None:
        self._prefix = f"xray-{secrets.token_hex(4)}-"
        self._descriptions: dict[str, int] = {}

    def set(self, context: Any, *, number: int, name: str) -> Saved:
        """Mark what this thread will run; returns what ``restore`` needs."""
        before = {key: context.getLocalProperty(key) for key in (_GROUP, _DESCRIPTION)}
        mark, group = f"{self._prefix}{number}", before[_GROUP]
        ours = {_DESCRIPTION: f"{name} (step {number})"}
        if group is None or group.startswith(self._prefix):
            ours[_GROUP] = mark
        self._descriptions[ours[_DESCRIPTION]] = number
        for key, value in ours.items():
            context.setLocalProperty(key, value)
        if hasattr(context, "addJobTag"):
            context.addJobTag(mark)
        return Saved(before=before, ours=ours, tag=mark)

    @staticmethod
    def restore(context: Any, saved: Saved) -> None:
        """Give the user's own marks back to this thread; what the user has changed meanwhile stays."""
        for key, value in saved.ours.items():
            if context.getLocalProperty(key) == value:
                context.setLocalProperty(key, saved.before[key])
        if hasattr(context, "removeJobTag"):
            context.removeJobTag(saved.tag)

    def step_of_job(self, job: Record) -> int | None:
        """Read the number of the innermost step around a job; None when it ran outside of all steps."""
        numbers = [self._number(tag) for tag in job.get("jobTags") or ()]
        numbers.append(self._number(job.get("jobGroup") or ""))
        known = [number for number in numbers if number is not None]
        return max(known) if known else self.step_of_description(job.get("description"))

    def step_of_description(self, description: str | None) -> int | None:
        """Find the step that set a description; SQL executions have nothing else to tell them by."""
        return self._descriptions.get(description or "")

    def _number(self, mark: str) -> int | None:
        text = mark.removeprefix(self._prefix)
        return int(text) if text != mark and text.isdigit() else None
