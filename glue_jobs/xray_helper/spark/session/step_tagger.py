# SPDX-License-Identifier: Apache-2.0
"""How Spark learns which step a job belongs to, and how a record says so.

A thread of the JVM is tagged when Python calls it from a step, whatever thread, task or generator that step
runs in: a step that does not use Spark costs no call. The tags are local properties, which Spark hands on
to broadcast and adaptive jobs and to the threads of streams by itself.

The mark is a job tag (Spark 3.5 and newer), which is nobody else's. Before 3.5 a job group marks the jobs
of a user that sets none, and the step's number in the description marks all; it is added to the user's words.
Where there are job tags, a description is set for the Spark UI only when the user sets none.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from xray_helper.context import places, threads
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.spark.session.context import has_tags
from xray_helper.spark.session.jvm_calls import JvmCalls
from xray_helper.spark.units import NS_PER_MS

if TYPE_CHECKING:
    from xray_helper.context.threads import Inherited
    from xray_helper.observers import StepHandle
    from xray_helper.spark.status_store.records import Record

_GROUP: Final = "spark.jobGroup.id"
_DESCRIPTION: Final = "spark.job.description"
_TAGS: Final = "spark.job.tags"
_STEP: Final = "xray.step"  # takes the place of job tags before Spark 3.5: streams set group and description
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


class StepTagger:
    """Numbers the steps of one traced job, and tags what they run in one SparkContext."""

    def __init__(self, context: Any, *, errors: ErrorBoundary) -> None:
        self._context, self._errors = context, errors
        self._has_tags = has_tags(context)
        self._prefix = f"xray-{secrets.token_hex(4)}-"
        self._next_number = itertools.count(1)  # two threads may ask at once
        self._numbers: dict[StepHandle, int] = {}
        self._steps: dict[int | None, StepHandle] = {}
        self._inside: dict[int, Inherited | None] = {}
        self._running: dict[StepHandle, int] = {}
        self._descriptions: dict[str, tuple[int, str | None]] = {}  # ours: the step, and the user's words
        self._streams: dict[str, int] = {}  # by the ids of their runs
        self._lock = threading.RLock()  # py4j's finalizers may call the JVM at any moment
        self._tagged: weakref.WeakKeyDictionary[Any, Tagged] = weakref.WeakKeyDictionary()
        self._with_words: list[Tagged] = []  # those that found a description of the user
        self.calls = JvmCalls(context, self._before_call)

    def start(self) -> None:
        """Tag from here on."""
        self.calls.start()
        threads.RETURNED.append(self.returned)

    def stop(self) -> None:
        """Leave Spark's client, and the connections that can be had, as they were."""
        if self.returned in threads.RETURNED:
            threads.RETURNED.remove(self.returned)
        self.calls.stop()
        if not self._is_stopped:
            with self._errors("taking tags away"), self.calls.own():
                self.calls.on_idle_connections(self._untag)

    def enter(self, step: StepHandle) -> int:
        """Return the number of a step that begins; called inside."""
        number = next(self._next_number)
        self._numbers[step] = self._running[step] = number
        self._steps[number] = step
        self._inside[number] = threads.inherit()
        return number

    def leave(self, step: StepHandle) -> None:
        """Take away what this thread is tagged with for a step; what the user has changed meanwhile stays."""
        number = self._running.pop(step, None)
        if any(tagged.number == number for tagged in self._known()):
            self.calls.on_own_connection(lambda connection: self._untag(connection, only=number))

    def returned(self) -> None:
        """Take the tags away when work of a step is done in another thread."""
        if self._tagged and not self._is_stopped:
            with self._errors("taking tags away"), self.calls.own():
                number = self._wanted()
                self.calls.on_own_connection(lambda connection: self._untag(connection, unless=number))

    def add_stream(self, run_id: str) -> None:
        """Remember the step that starts a stream."""
        number = self._wanted()
        if number is not None:
            self._streams[run_id] = number

    def inside_stream(self) -> Inherited | None:
        """Return what a function inherits that a stream calls in this thread: the step that started it."""
        name = _TAGS if self._has_tags else _STEP
        with self.calls.own():
            number = self._highest((self._context.getLocalProperty(name) or "").split(","))
        if number is None:
            return None
        self.calls.on_own_connection(lambda connection: self._note(connection, Tagged(number)))
        return self._inside.get(number)

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
        number = self._highest([*(job.get("jobTags") or ()), group])
        if number is None:
            number = self._of_description(job.get("description"))
        return number if number is not None else self._streams.get(group)

    def step_of_execution(self, execution: Record) -> int | None:
        """Return the step of an SQL execution by its own record: tags (Spark 4) or the description."""
        number = self._highest(execution.get("jobTags") or ())
        if number is None:
            number = self._of_description(execution.get("description"))
        return number if number is not None else self._of_words(execution)

    def words(self, description: str | None) -> str | None:
        """Return what the user says in a description."""
        return self._descriptions.get(description or "", (0, description))[1]

    def group(self, group: str | None) -> str | None:
        """Return a group that is the user's own."""
        return None if group is None or group.startswith(self._prefix) else group

    @property
    def _is_stopped(self) -> bool:
        return self._context._jsc is None

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

    def _highest(self, tags: Any) -> int | None:
        numbers = [int(text) for tag in tags if (text := tag.removeprefix(self._prefix)) != tag]
        return max(numbers, default=None)

    def _wanted(self) -> int | None:
        numbers = (self._numbers.get(place.step) for place in places.around())
        return next((number for number in numbers if number is not None), None)

    def _known(self) -> list[Tagged]:
        with self._lock:
            return list(self._tagged.values())

    def _note(self, connection: Any, tagged: Tagged | None) -> None:
        with self._lock:
            if tagged is None:
                self._tagged.pop(connection, None)
            else:
                self._tagged[connection] = tagged

    def _before_call(self, connection: Any) -> None:
        wanted, tagged = self._wanted(), self._tagged.get(connection)
        if wanted == (tagged.number if tagged else None) or self._is_stopped:
            return
        with self._errors("tagging what a step runs"):
            self._untag(connection)
            if wanted is not None:
                self._tag(connection, wanted)

    def _tag(self, connection: Any, number: int) -> None:
        step, tag = self._steps[number], f"{self._prefix}{number}"
        found = self._property(connection, _DESCRIPTION)
        words = self.words(found)
        tagged = Tagged(number, before={_DESCRIPTION: words}, words=words)
        self._note(connection, tagged)  # first: what cannot be tagged is not tried at each call
        if words is None or not self._has_tags:
            text = (
                f"{step.name} (step {number})" if words is None else f"{words} ({step.name}, step {number})"
            )
            self._descriptions[text] = (number, words)
            tagged.ours[_DESCRIPTION] = text
        if words is not None:
            self._with_words.append(tagged)
        if self._has_tags:
            tagged.adds_tag = tag not in (self._property(connection, _TAGS) or "").split(",")
        else:
            group = self.group(self._property(connection, _GROUP))
            marks = [_STEP] if group else [_STEP, _GROUP]
            tagged.ours |= dict.fromkeys(marks, tag)
            tagged.before |= {_GROUP: group, _STEP: None}
        for key, value in tagged.ours.items():
            self.calls.call(connection, "setLocalProperty", key, value)
        if tagged.adds_tag:
            self.calls.call(connection, "addJobTag", tag)

    def _untag(self, connection: Any, *, only: int | None = None, unless: int | None = None) -> None:
        tagged = self._tagged.get(connection)
        if tagged is None or only not in (None, tagged.number) or tagged.number == unless:
            return
        self._note(connection, None)
        tagged.to_ms = time.time_ns() // NS_PER_MS
        for key, value in tagged.ours.items():
            if self._property(connection, key) == value:
                self.calls.call(connection, "setLocalProperty", key, tagged.before[key])
        if tagged.adds_tag:
            self.calls.call(connection, "removeJobTag", f"{self._prefix}{tagged.number}")

    def _property(self, connection: Any, key: str) -> str | None:
        value: str | None = self.calls.call(connection, "getLocalProperty", key)
        return value
