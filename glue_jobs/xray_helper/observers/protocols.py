# SPDX-License-Identifier: Apache-2.0
"""What an observer of a job knows: a sink for spans, a handle of each step, and nothing behind them."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

from xray_helper.error_boundary import ErrorBoundary

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.settings import Measure


Frames = list["weakref.ref[Any]"]  # DataFrames, which do not live longer because somebody looks at them


class Priority(IntEnum):
    """What goes first when a trace grows too large: the lowest. A span never outlives its parent."""

    DETAIL = 10  # calls made with somebody else's instrumentation, tasks
    STAGE = 20
    SPARK_JOB = 30
    LINE = 35  # of a script, that only planned
    EXECUTION = 40
    FAILED = 60  # any span with status ERROR is at least this
    STEP = 80
    JOB = 100


class StepHandle(Protocol):
    """A step as an observer sees it; hashable by identity."""

    @property
    def name(self) -> str:
        """The span's name."""

    @property
    def measure(self) -> Measure | None:
        """What the step asks to be measured."""

    @property
    def span(self) -> Span:
        """The step's span; open until the job ends."""

    def set_attribute(self, key: str, value: object) -> None:
        """Describe the step; None is left out."""


class SpanSink(Protocol):
    """Where an observer writes what it saw of a job."""

    def set_attribute(self, key: str, value: object) -> None:
        """Describe the job; None is left out."""

    def add_span(
        self,
        name: str,
        *,
        parent: StepHandle | Span | None = None,
        start_time_ns: int,
        end_time_ns: int,
        attributes: Mapping[str, object] | None = None,
        priority: Priority | None = None,
        error: str | None = None,
        error_type: str = "",
    ) -> Span:
        """Add a span of something that is over, below ``parent``, else below the job."""

    def log(self, message: str, *, level: int = logging.INFO, **values: object) -> None:
        """Write a line to the job's log."""


@dataclass(frozen=True)
class Observation:
    """What an observer is given to observe one job.

    Parameters
    ----------
    sink
        Takes spans and attributes.
    errors
        Protects the job from what the observer raises.
    start_time_ns
        When the job began, nanoseconds since the epoch.
    watch_aws_calls
        Whether calls of the AWS SDK in workers become spans.
    log_progress
        Whether the progress of Spark's tasks is logged.
    follow_lineage
        Whether what became of each lazy step is looked for.
    """

    sink: SpanSink
    errors: ErrorBoundary
    start_time_ns: int
    watch_aws_calls: bool = False
    log_progress: bool = False
    follow_lineage: bool = True


class StepObserver(Protocol):
    """Watches the steps of one job. Whatever it raises is caught, logged once and counted."""

    def step_started(self, step: StepHandle) -> None:
        """Run in the step's thread, right after its span was started."""

    def step_ended(self, step: StepHandle, error: BaseException | None) -> None:
        """Run in the step's thread when its block is left; add spans below ``step`` to the sink."""

    def job_ended(self) -> None:
        """Run before the export; step spans are still open, so attributes may be set on them."""

    def step_output(self, step: StepHandle, output: Any) -> Any:
        """Return what the step shall go on with: ``output`` itself or a marked version of it."""

    def planning_starts(self) -> None:
        """Get ready for the frames that a line of a script is about to make."""

    def line_planned(self, step: StepHandle, frames: Frames) -> None:
        """Learn what one pass of a line made; its step is over, and nothing ran in it."""

    def function_planned(
        self, function: Any, *, kind: str, step: StepHandle | None
    ) -> tuple[Any, ...] | None:
        """Return what ``__reduce__`` returns for a function that workers shall measure; None: cannot be."""
