# SPDX-License-Identifier: Apache-2.0
"""The observer of a job, made when there is something to observe, behind the error boundary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from xray_helper.error_boundary import ErrorBoundary, run_bounded
from xray_helper.observers.protocols import Frames, StepHandle, StepObserver

Output = TypeVar("Output")


class SafeObserver:
    """Passes on what happens to the steps of a job, as ``StepObserver`` has it.

    Parameters
    ----------
    load
        Makes the observer; asked again at each step while it returns None. If it raises, it is asked no more.
    errors
        Catches and counts what the observer raises.
    """

    def __init__(self, load: Callable[[], StepObserver | None], *, errors: ErrorBoundary) -> None:
        self._load = load
        self._errors = errors
        self._observer: StepObserver | None = None
        self._has_failed = False

    def step_started(self, step: StepHandle) -> None:
        """Report a step whose span has started."""
        if (observer := self._find()) is not None:
            with self._errors("observing the start of a step"):
                observer.step_started(step)

    def step_ended(self, step: StepHandle, error: BaseException | None) -> None:
        """Report a step whose block was left."""
        if (observer := self._find()) is not None:
            with self._errors("observing the end of a step"):
                observer.step_ended(step, error)

    def step_output(self, step: StepHandle, output: Output) -> Output:
        """Return what the step goes on with: ``output`` where nobody observes it."""
        if (observer := self._find()) is not None:
            with self._errors("observing the output of a step"):
                seen: Output = observer.step_output(step, output)
                return seen
        return output

    def planning_starts(self) -> None:
        """Report that a line of a script is about to make frames."""
        if (observer := self._find()) is not None:
            with self._errors("observing a line"):
                observer.planning_starts()

    def line_planned(self, step: StepHandle, frames: Frames) -> None:
        """Report what one pass of a line made."""
        if (observer := self._find()) is not None:
            with self._errors("observing a line"):
                observer.line_planned(step, frames)

    def function_planned(
        self, function: Any, *, kind: str, step: StepHandle | None
    ) -> tuple[Any, ...] | None:
        """Return how a function is pickled so that workers measure it; None: as it is."""
        if (observer := self._find()) is not None:
            with self._errors("preparing a Python function"):
                return observer.function_planned(function, kind=kind, step=step)
        return None

    def job_ended(self, *, seconds: float) -> None:
        """Let the observer finish; one that hangs (a dying JVM) is left behind after ``seconds``."""
        observer = self._find()
        if observer is None:
            return
        what = "observing the end of the job"

        def work() -> None:
            with self._errors(what):
                observer.job_ended()

        if run_bounded(work, seconds=seconds, name="xray-observer") == "late":
            self._errors.count(what, TimeoutError(f"no answer within {seconds:.1f} s"))

    def _find(self) -> StepObserver | None:
        if self._observer is None and not self._has_failed:
            self._has_failed = True
            with self._errors("loading the Spark observer"):
                self._observer = self._load()
                self._has_failed = False
        return self._observer
