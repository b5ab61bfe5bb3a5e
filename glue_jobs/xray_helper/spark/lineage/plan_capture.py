# SPDX-License-Identifier: Apache-2.0
"""What each step planned: the plans of its outputs, and the expression ids that were given out meanwhile.

While the job runs this keeps references and counters (two small calls per step); texts are made and read when
the job ends.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from py4j.protocol import Py4JError

from xray_helper.spark.status_store.mappers import find_static

MAX_OUTPUTS: Final = 200  # per job; a plan is small, but a job may have thousands of steps
_CATALYST: Final = "org.apache.spark.sql.catalyst.expressions.NamedExpression$"
# Where the counter of DataFrames is, up to Spark 3.5 and from Spark 4.0 on.
_DATASETS: Final = ("org.apache.spark.sql.Dataset$", "org.apache.spark.sql.classic.Dataset$")


@dataclass
class CapturedStep:
    """One step, as the planner sees it.

    Attributes
    ----------
    first_id, last_id
        The expression ids given out while the step was open lie between these two.
    is_mixed
        Another thread had a step open meanwhile: the ids may be of either.
    strangers_before, strangers_after
        How many DataFrames had been made outside of captured steps when the step began, and when it ended.
    plans
        References to the analysed plans of the step's outputs.
    """

    number: int
    thread: int
    first_id: int
    strangers_before: int
    last_id: int = -1
    is_mixed: bool = False
    strangers_after: int = -1
    plans: list[Any] = field(default_factory=list)

    def owns(self, number: int) -> bool:
        """Return whether an expression id was given out during the step."""
        return self.first_id < number < self.last_id


class PlanCapture:
    """Keeps the plans that steps make in one SparkContext."""

    def __init__(self, context: Any) -> None:
        self._expressions = _module(context, _CATALYST)
        self._datasets = _first_module(context, _DATASETS)
        self._lock = threading.Lock()
        self._open: list[CapturedStep] = []
        self._strangers = 0
        self._boundary = self._dataset_count()
        self._outputs = 0
        self.steps: list[CapturedStep] = []

    def enter(self, number: int) -> None:
        """Begin a step."""
        with self._lock:
            if not self._open:
                self._strangers += self._since_boundary()
            step = CapturedStep(number, threading.get_ident(), self._next_id(), self._strangers)
            for other in self._open:
                if other.thread != step.thread:
                    other.is_mixed = step.is_mixed = True
            self._open.append(step)

    def output(self, number: int, frame: Any) -> None:
        """Remember a DataFrame that the step made."""
        with self._lock:
            step = self._find(number)
            if step is not None and self._outputs < MAX_OUTPUTS:
                step.plans.append(frame._jdf.queryExecution().analyzed())
                self._outputs += 1

    def leave(self, number: int) -> None:
        """End a step."""
        with self._lock:
            step = self._find(number)
            if step is None:
                return
            self._open.remove(step)
            made = self._since_boundary()
            if step.plans:
                step.last_id = self._next_id()
                self.steps.append(step)
            else:
                self._strangers += made
            step.strangers_after = self._strangers

    def _find(self, number: int) -> CapturedStep | None:
        return next((step for step in self._open if step.number == number), None)

    def _since_boundary(self) -> int:
        count = self._dataset_count()
        made, self._boundary = count - self._boundary, count
        return made

    def _next_id(self) -> int:
        return int(self._expressions.newExprId().id())

    def _dataset_count(self) -> int:
        return int(self._datasets.curId())  # py4j reads an AtomicLong as a number


def _first_module(context: Any, names: Sequence[str]) -> Any:
    """Return the first Scala object that this Spark has."""
    for name in names[:-1]:
        with contextlib.suppress(Py4JError):
            return _module(context, name)
    return _module(context, names[-1])


def _module(context: Any, name: str) -> Any:
    """Return a Scala object."""
    return getattr(find_static(context._jvm, name), "MODULE$")
