# SPDX-License-Identifier: Apache-2.0
"""How Spark learns which step a job belongs to, and how a record says so.

Three tags, all of them local properties that Spark hands on to broadcast and adaptive jobs by itself: a job
tag (Spark 3.5 and newer), a job group, and a description with the step's number. A group that the user has
set stays, because ``cancelJobGroup`` must go on working; the other two suffice then.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xray_helper.spark.session.context import has_tags

if TYPE_CHECKING:
    from xray_helper.observers import StepHandle
    from xray_helper.spark.status_store.records import Record

_GROUP: Final = "spark.jobGroup.id"
_DESCRIPTION: Final = "spark.job.description"


@dataclass(frozen=True)
class PreviousTags:
    """What a thread's tags were before a step, and what the step has set."""

    before: dict[str, str | None]
    ours: dict[str, str]
    job_tag: str


class StepTagger:
    """Numbers the steps of one traced job, and tags what they run in one SparkContext."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._prefix = f"xray-{secrets.token_hex(4)}-"
        self._next_number = itertools.count(1)  # two threads may ask at once
        self._numbers: dict[StepHandle, int] = {}
        self._previous: dict[StepHandle, PreviousTags] = {}  # of the running steps
        self._descriptions: dict[str, int] = {}

    def enter(self, step: StepHandle) -> int:
        """Tag what this thread runs from here on; return the step's number."""
        number = next(self._next_number)
        self._numbers[step] = number
        before = {key: self._context.getLocalProperty(key) for key in (_GROUP, _DESCRIPTION)}
        tag, group = f"{self._prefix}{number}", before[_GROUP]
        ours = {_DESCRIPTION: f"{step.name} (step {number})"}
        if group is None or group.startswith(self._prefix):
            ours[_GROUP] = tag
        self._descriptions[ours[_DESCRIPTION]] = number
        for key, value in ours.items():
            self._context.setLocalProperty(key, value)
        if has_tags(self._context):
            self._context.addJobTag(tag)
        self._previous[step] = PreviousTags(before=before, ours=ours, job_tag=tag)
        return number

    def leave(self, step: StepHandle) -> None:
        """Restore the previous tags of this thread; what the user has changed meanwhile stays."""
        previous = self._previous.pop(step, None)
        if previous is None:
            return
        for key, value in previous.ours.items():
            if self._context.getLocalProperty(key) == value:
                self._context.setLocalProperty(key, previous.before[key])
        if has_tags(self._context):
            self._context.removeJobTag(previous.job_tag)

    def number_of(self, step: StepHandle | None) -> int | None:
        """Return a step's number; None for one that started before Spark was there."""
        return self._numbers.get(step) if step is not None else None

    def steps(self) -> dict[int | None, StepHandle]:
        """Return all steps by their numbers; None, which stands for "outside of all steps", has none."""
        return {number: step for step, number in self._numbers.items()}

    def running_step(self) -> str | None:
        """Return the name of the step that was entered last and is running; None between steps."""
        running = list(self._previous)  # in one go: other threads enter and leave steps
        return running[-1].name if running else None

    def step_of_job(self, job: Record) -> int | None:
        """Return the number of the innermost step around a job; None when it ran outside of all steps."""
        numbers = [self._number(tag) for tag in job.get("jobTags") or ()]
        numbers.append(self._number(job.get("jobGroup") or ""))
        known = [number for number in numbers if number is not None]
        return max(known) if known else self.step_of_description(job.get("description"))

    def step_of_description(self, description: str | None) -> int | None:
        """Return the step that set a description: the only tag of an SQL execution."""
        return self._descriptions.get(description or "")

    def _number(self, tag: str) -> int | None:
        text = tag.removeprefix(self._prefix)
        return int(text) if text != tag and text.isdigit() else None
