# SPDX-License-Identifier: Apache-2.0
"""Measured steps, on demand: exact rows, or the step's own time.

``rows`` puts Spark's ``observe`` marker on the step's output: the rows are counted in the pass that runs
anyway. The marker keeps filters of later steps from moving below it and breaks generated code in two there,
so the plan is not quite the one without it. ``time`` runs the step with all that is before it, and throws the
result away: true times, paid for by computing everything again in the next step.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from py4j.protocol import Py4JError

if TYPE_CHECKING:
    from xray_helper.step import Step

LOGGER: Final = logging.getLogger("xray_helper")


class Measurements:
    """The measured steps of one job."""

    def __init__(self) -> None:
        self._observations: list[tuple[Step, Any]] = []

    def apply(self, step: Step, frame: Any) -> Any:
        """Measure a DataFrame as its step asks."""
        if step.measure == "rows":
            return self._count(step, frame)
        if step.measure == "time":
            frame.write.format("noop").mode("overwrite").save()
            step.set_attribute("spark.step.measured", "time")
        return frame

    def write(self) -> None:
        """Set the rows of the steps that ran; a step that did not run has none."""
        for step, observation in self._observations:
            rows = _read(observation)
            if rows is not None:
                step.set_attribute("spark.step.output.rows", rows)

    def _count(self, step: Step, frame: Any) -> Any:
        from pyspark.sql import Observation
        from pyspark.sql import functions as F  # noqa: N812 - its usual name

        observation = Observation()
        marked = frame.observe(observation, F.count(F.lit(1)).alias("rows"))
        self._observations.append((step, observation))
        step.set_attribute("spark.step.measured", "rows")
        return marked


def _read(observation: Any) -> int | None:
    """Read the count if it is there: ``Observation.get`` would wait for an action that may never come."""
    java = observation._jo
    try:
        return int(java.getAsJava()["rows"]) if _is_there(java) else None
    except Py4JError as error:
        LOGGER.debug("Rows of a step cannot be read: %s", error)
        return None


def _is_there(java: Any) -> bool:
    """Tell whether an action has run: Spark 3 keeps its metrics in a field, Spark 4 in a future."""
    try:
        field = java.getClass().getDeclaredField("metrics")
    except Py4JError:  # NoSuchFieldException
        return bool(java.future().isCompleted())
    field.setAccessible(True)
    return bool(field.get(java).isDefined())
