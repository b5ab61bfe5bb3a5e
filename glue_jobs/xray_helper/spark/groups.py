# SPDX-License-Identifier: Apache-2.0
"""How Spark is told which step a job belongs to, and how a record says so.

Three marks, all of them local properties that Spark hands on to broadcast and adaptive jobs by itself: a job
tag (Spark 3.5 and newer), a job group, and a description with the step's number. A group that the user has set
stays, because ``cancelJobGroup`` must go on working; then the other two marks tell.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from xray_helper.spark.store import Record

_GROUP: Final = "spark.jobGroup.id"
_DESCRIPTION: Final = "spark.job.description"
_TAGS: Final = "spark.job.tags"

Saved = dict[str, str | None]


class Marks:
    """The marks of one traced job's steps."""

    def __init__(self) -> None:
        self._prefix = f"xray-{secrets.token_hex(4)}-"
        self._descriptions: dict[str, int] = {}

    def set(self, context: Any, *, number: int, name: str) -> Saved:
        """Mark what this thread will run; returns what ``restore`` needs."""
        saved: Saved = {key: context.getLocalProperty(key) for key in (_GROUP, _DESCRIPTION, _TAGS)}
        mark = f"{self._prefix}{number}"
        description = f"{name} (step {number})"
        self._descriptions[description] = number
        if saved[_GROUP] is None or saved[_GROUP].startswith(self._prefix):
            context.setLocalProperty(_GROUP, mark)
        context.setLocalProperty(_DESCRIPTION, description)
        if hasattr(context, "addJobTag"):
            context.setLocalProperty(_TAGS, ",".join(filter(None, (saved[_TAGS], mark))))
        return saved

    @staticmethod
    def restore(context: Any, saved: Saved) -> None:
        """Give the user's own marks back to this thread."""
        for key, value in saved.items():
            context.setLocalProperty(key, value)

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
