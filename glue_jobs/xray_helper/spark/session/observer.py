# SPDX-License-Identifier: Apache-2.0
"""Where the steps of a job meet Spark."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from py4j.protocol import Py4JError

from xray_helper.context.patches import Patches
from xray_helper.error_boundary import LOGGER
from xray_helper.observers import Frames, Observation, StepHandle
from xray_helper.spark.session.connection import Connection
from xray_helper.spark.session.context import active_context, why_no_context

_REASON_CHARS: Final = 300  # the refusal stands in the second line of py4j's message


class SparkObserver:
    """Implements ``xray_helper.observers.StepObserver``.

    Where Spark cannot be read (Spark Connect, a stopped Spark, a restricted gateway) the steps stay, and an
    attribute of the job gives the reason why nothing is below them.
    """

    def __init__(self, observation: Observation) -> None:
        self._observation = observation
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._broken = False
        self._read_out: Any = None  # a context that was read to its end, because it is being stopped
        self._patches = Patches()

    def step_started(self, step: StepHandle) -> None:
        """Tag what this thread runs from here on."""
        connection = self._connect()
        if connection is not None:
            connection.enter(step)

    def step_ended(self, step: StepHandle, error: BaseException | None) -> None:
        """Take the tags away and write what the step has run."""
        connection = self._connect()
        if connection is None:
            return
        connection.leave(step)
        with self._lock:
            self._safely(lambda: connection.collect(step))

    def step_output(self, step: StepHandle, output: Any) -> Any:
        """Remember what the step planned; return what to go on with."""
        connection = self._connect()
        return output if connection is None else connection.output(step, output)

    def planning_starts(self) -> None:
        """Look at the frames of this context from here on."""
        self._connect()

    def line_planned(self, step: StepHandle, frames: Frames) -> None:
        """Remember what a line planned."""
        connection = self._connect()
        if connection is not None:
            connection.planned(step, frames)

    def function_planned(
        self, function: Any, *, kind: str, step: StepHandle | None
    ) -> tuple[Any, ...] | None:
        """Let the workers measure a Python function for the step that plans it."""
        connection = self._connect()
        return connection.measure(function, kind=kind, step=step) if connection else None

    def job_ended(self) -> None:
        """Write what ran outside of all steps, and the totals."""
        with self._lock:
            connection = self._connect()
            if connection is not None:
                self._safely(connection.close)
            elif self._connection is None and not self._broken:
                self._steps_only(why_no_context())
            self._patches.end()

    def _connect(self) -> Connection | None:
        with self._lock:
            context = active_context()
            if context is None or self._broken or context is self._read_out:
                return None
            if self._connection is None or self._connection.context is not context:
                self._safely(lambda: self._open(context))
            return self._connection

    def _open(self, context: Any) -> None:
        if self._connection is None:
            self._patches.begin()
            self._patches.put(type(context), "stop", self._stopping)
        else:
            self._connection.abandon()  # of a context that was stopped
        self._connection = Connection(observation=self._observation, context=context)

    def _stopping(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Read everything before Spark is stopped: many scripts do so in their last line."""

        def stop(context: Any) -> Any:
            with self._observation.errors("reading Spark before it is stopped"), self._lock:
                if self._connection is not None and context is self._connection.context is active_context():
                    connection, self._read_out = self._connection, context
                    self._safely(connection.close)
            return original(context)

        return stop

    def _safely(self, work: Any) -> None:
        """Work, and give up on Spark once and for all when its internals are not what they were."""
        try:
            work()
        except Py4JError as error:
            self._broken = True
            if self._connection is not None:
                self._connection.abandon()
            self._connection = None
            reason = " ".join(str(error).split())[:_REASON_CHARS]
            LOGGER.warning("Spark's status store cannot be read, only steps are traced: %s", reason)
            self._steps_only(reason)

    def _steps_only(self, reason: str) -> None:
        self._observation.sink.set_attribute("spark.tracing", "steps only")
        self._observation.sink.set_attribute("spark.tracing.reason", reason)
