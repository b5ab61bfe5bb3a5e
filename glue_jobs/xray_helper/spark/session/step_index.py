# SPDX-License-Identifier: Apache-2.0
"""The steps of a job by their numbers, and which of them a record of Spark belongs to."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xray_helper.spark.units import NS_PER_MS

if TYPE_CHECKING:
    from xray_helper.context.threads import Inherited
    from xray_helper.observers import StepHandle
    from xray_helper.spark.status_store.records import Record

_RUN: Final = "runId = "  # in the description of what a stream runs


@dataclass(eq=False)
class Tagged:
    """What a thread of the JVM is tagged with.

    ``ours`` are the local properties that were set, ``before`` their values before; ``words`` is the user's
    own description; ``adds_tag``: the job tag was not there before.
    """

    number: int
    ours: dict[str, str] = field(default_factory=dict)
    before: dict[str, str | None] = field(default_factory=dict)
    words: str | None = None
    adds_tag: bool = False
    from_ms: int = field(default_factory=lambda: time.time_ns() // NS_PER_MS)
    to_ms: int | None = None


class StepIndex:
    """Implements ``StepTags`` of the status store and ``UsersTags`` of the spans."""

    def __init__(self) -> None:
        self._prefix = f"xray-{secrets.token_hex(4)}-"
        self._next_number = itertools.count(1)  # two threads may ask at once
        self._numbers: dict[StepHandle, int] = {}
        self._steps: dict[int | None, StepHandle] = {}
        self._inside: dict[int, Inherited | None] = {}
        self._running: dict[StepHandle, int] = {}
        self._descriptions: dict[str, tuple[int, str | None]] = {}  # ours: the step, and the user's words
        self._streams: dict[str, int] = {}  # by the ids of their runs
        self._with_words: list[Tagged] = []  # those that found a description of the user

    def add(self, step: StepHandle, inside: Inherited | None) -> int:
        """Assign a number to a step that begins; ``inside`` is what work inherits that is done in it."""
        number = next(self._next_number)
        self._numbers[step] = self._running[step] = number
        self._steps[number], self._inside[number] = step, inside
        return number

    def end(self, step: StepHandle) -> int | None:
        """Return the number of a step that ends."""
        return self._running.pop(step, None)

    def add_stream(self, run_id: str, number: int) -> None:
        """Remember the step that starts a stream."""
        self._streams[run_id] = number

    def inside(self, number: int) -> Inherited | None:
        """Return what work inherits that is done in a step."""
        return self._inside.get(number)

    def tag(self, number: int) -> str:
        """Return the mark of a step."""
        return f"{self._prefix}{number}"

    def describe(self, tagged: Tagged, *, always: bool) -> str | None:
        """Return the description of what a step runs; None: the user's own stays, unless ``always``."""
        number, words = tagged.number, tagged.words
        if words is not None:
            self._with_words.append(tagged)
            if not always:
                return None
        name = self._steps[number].name
        text = f"{name} (step {number})" if words is None else f"{words} ({name}, step {number})"
        self._descriptions[text] = (number, words)
        return text

    def highest(self, tags: Iterable[str]) -> int | None:
        """Return the number of the innermost step among tags."""
        numbers = [int(text) for tag in tags if (text := tag.removeprefix(self._prefix)) != tag]
        return max(numbers, default=None)

    def number_of(self, step: StepHandle | None) -> int | None:
        """Return a step's number; None for one that started before Spark was there."""
        return self._numbers.get(step) if step is not None else None

    def steps(self) -> dict[int | None, StepHandle]:
        """Return all steps by their numbers; None, which stands for "outside of all steps", has none."""
        return dict(self._steps)

    def running_step(self) -> str | None:
        """Return the name of the step that was entered last and is running; None between steps."""
        running = list(self._running)  # in one go: other threads enter and leave steps
        return running[-1].name if running else None

    def step_of_job(self, job: Record) -> int | None:
        """Return the number of the innermost step around a job; None when it ran outside of all steps."""
        group = job.get("jobGroup") or ""
        number = self.highest([*(job.get("jobTags") or ()), group])
        if number is None:
            number = self._of_description(job.get("description"))
        return number if number is not None else self._streams.get(group)

    def step_of_execution(self, execution: Record) -> int | None:
        """Return the step of an SQL execution by its own record: tags (Spark 4) or the description."""
        number = self.highest(execution.get("jobTags") or ())
        if number is None:
            number = self._of_description(execution.get("description"))
        return number if number is not None else self._of_words(execution)

    def words(self, description: str | None) -> str | None:
        """Return what the user says in a description."""
        return self._descriptions.get(description or "", (0, description))[1]

    def group(self, group: str | None) -> str | None:
        """Return a group that is the user's own."""
        return None if group is None or group.startswith(self._prefix) else group

    def _of_description(self, description: str | None) -> int | None:
        known = self._descriptions.get(description or "")
        if known is not None:
            return known[0]
        run_id = (description or "").partition(_RUN)[2].split("\n")[0]
        return self._streams.get(run_id)

    def _of_words(self, execution: Record) -> int | None:
        """Find the one step that was tagged under the same words of the user at that time."""
        words, start = execution.get("description"), execution["submissionTime"] or 0
        found = {
            tagged.number
            for tagged in tuple(self._with_words)
            if tagged.words == words and tagged.from_ms <= start <= (tagged.to_ms or start)
        }
        return found.pop() if len(found) == 1 else None
