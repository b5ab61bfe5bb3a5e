# SPDX-License-Identifier: Apache-2.0
"""The one small interface between a job and whatever knows more about its steps, such as Spark."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from xray_helper.job import Job
    from xray_helper.step import Step


class StepObserver(Protocol):
    """Watches the steps of one job. Whatever it raises is caught, logged once and counted."""

    def step_started(self, step: Step) -> None:
        """Run in the step's thread, right after its span was started."""

    def step_ended(self, step: Step, error: BaseException | None) -> None:
        """Run in the step's thread when its block is left; add spans below ``step`` with ``job.add_span``."""

    def job_ended(self, job: Job) -> None:
        """Run before the export; step spans are still open, so attributes may be set on them."""

    def step_output(self, step: Step, output: Any) -> Any:
        """Return what the step shall go on with: ``output`` itself or a marked version of it."""

    def function_planned(self, function: Any, *, kind: str, step: Step | None) -> tuple[Any, ...] | None:
        """Return what ``__reduce__`` returns for a function that workers shall measure; None: cannot be."""


def load_observer(job: Job) -> StepObserver | None:
    """Make the Spark observer if the job uses PySpark; asks again at each step until it does.

    PySpark is never imported from here: a plain script stays a plain script.
    """
    if "pyspark" not in sys.modules:
        return None
    module = importlib.import_module("xray_helper.spark")
    observer: StepObserver | None = module.observer(job)
    return observer
