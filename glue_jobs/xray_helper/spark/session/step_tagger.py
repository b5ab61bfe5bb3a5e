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

import threading
import time
import weakref
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

from xray_helper.context import places, threads
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.spark.session.context import has_tags
from xray_helper.spark.session.jvm_calls import JvmCalls
from xray_helper.spark.session.step_index import StepIndex, Tagged
from xray_helper.spark.units import NS_PER_MS

if TYPE_CHECKING:
    from xray_helper.context.threads import Inherited
    from xray_helper.observers import StepHandle

_GROUP: Final = "spark.jobGroup.id"
_DESCRIPTION: Final = "spark.job.description"
_TAGS: Final = "spark.job.tags"
_STEP: Final = "xray.step"  # takes the place of job tags before Spark 3.5: streams set group and description


class StepTagger:
    """Tags what the steps of one traced job run in one SparkContext."""

    def __init__(self, context: Any, *, index: StepIndex, errors: ErrorBoundary) -> None:
        self._context, self._index, self._errors = context, index, errors
        self._has_tags = has_tags(context)
        self._lock = threading.RLock()  # py4j's finalizers may call the JVM at any moment
        self._tagged: weakref.WeakKeyDictionary[Any, Tagged] = weakref.WeakKeyDictionary()
        self._calls = JvmCalls(context, self._before_call)

    def start(self) -> None:
        """Tag from here on."""
        self._calls.start()
        threads.RETURNED.append(self.returned)

    def stop(self) -> None:
        """Leave Spark's client, and the connections that can be had, as they were."""
        if self.returned in threads.RETURNED:
            threads.RETURNED.remove(self.returned)
        self._calls.stop()
        if not self._is_stopped:
            with self._errors("taking tags away"), self._calls.own():
                self._calls.on_idle_connections(self._untag)

    def own_calls(self) -> AbstractContextManager[None]:
        """Mark the calls of a block as the tracer's own, which are not tagged."""
        return self._calls.own()

    def enter(self, step: StepHandle) -> int:
        """Return the number of a step that begins; called inside."""
        return self._index.add(step, threads.inherit())

    def leave(self, step: StepHandle) -> None:
        """Take away what this thread is tagged with for a step; what the user has changed meanwhile stays."""
        number = self._index.end(step)
        if any(tagged.number == number for tagged in self._known()):
            self._calls.on_own_connection(lambda connection: self._untag(connection, only=number))

    def returned(self) -> None:
        """Take the tags away when work of a step is done in another thread."""
        if self._tagged and not self._is_stopped:
            with self._errors("taking tags away"), self._calls.own():
                number = self.wanted()
                self._calls.on_own_connection(lambda connection: self._untag(connection, unless=number))

    def add_stream(self, run_id: str) -> None:
        """Remember the step that starts a stream."""
        number = self.wanted()
        if number is not None:
            self._index.add_stream(run_id, number)

    def inside_stream(self) -> Inherited | None:
        """Return what a function inherits that a stream calls in this thread: the step that started it."""
        name = _TAGS if self._has_tags else _STEP
        with self._calls.own():
            number = self._index.highest((self._context.getLocalProperty(name) or "").split(","))
        if number is None:
            return None
        self._calls.on_own_connection(lambda connection: self._note(connection, Tagged(number)))
        return self._index.inside(number)

    @property
    def _is_stopped(self) -> bool:
        return self._context._jsc is None

    def wanted(self) -> int | None:
        """Return the number of the innermost step around the code that runs; None outside of steps."""
        numbers = (self._index.number_of(place.step) for place in places.around())
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
        wanted, tagged = self.wanted(), self._tagged.get(connection)
        if wanted == (tagged.number if tagged else None) or self._is_stopped:
            return
        with self._errors("tagging what a step runs"):
            self._untag(connection)
            if wanted is not None:
                self._tag(connection, wanted)

    def _tag(self, connection: Any, number: int) -> None:
        tag = self._index.tag(number)
        words = self._index.words(self._property(connection, _DESCRIPTION))
        tagged = Tagged(number, before={_DESCRIPTION: words}, words=words)
        self._note(connection, tagged)  # first: what cannot be tagged is not tried at each call
        text = self._index.describe(tagged, always=not self._has_tags)
        if text is not None:
            tagged.ours[_DESCRIPTION] = text
        if self._has_tags:
            tagged.adds_tag = tag not in (self._property(connection, _TAGS) or "").split(",")
        else:
            group = self._index.group(self._property(connection, _GROUP))
            marks = [_STEP] if group else [_STEP, _GROUP]
            tagged.ours |= dict.fromkeys(marks, tag)
            tagged.before |= {_GROUP: group, _STEP: None}
        for key, value in tagged.ours.items():
            self._calls.call(connection, "setLocalProperty", key, value)
        if tagged.adds_tag:
            self._calls.call(connection, "addJobTag", tag)

    def _untag(self, connection: Any, *, only: int | None = None, unless: int | None = None) -> None:
        tagged = self._tagged.get(connection)
        if tagged is None or only not in (None, tagged.number) or tagged.number == unless:
            return
        self._note(connection, None)
        tagged.to_ms = time.time_ns() // NS_PER_MS
        for key, value in tagged.ours.items():
            if self._property(connection, key) == value:
                self._calls.call(connection, "setLocalProperty", key, tagged.before[key])
        if tagged.adds_tag:
            self._calls.call(connection, "removeJobTag", self._index.tag(tagged.number))

    def _property(self, connection: Any, key: str) -> str | None:
        value: str | None = self._calls.call(connection, "getLocalProperty", key)
        return value
