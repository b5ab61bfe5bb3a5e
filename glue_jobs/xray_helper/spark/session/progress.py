# SPDX-License-Identifier: Apache-2.0
"""How far the running stages are, as log lines while the job runs.

Read from Spark's status tracker, a public API, in a thread of its own; the job waits for none of it. The
counts go into the log and not into the trace: X-Ray wants at most one document in progress of a segment,
and bounds the size of a trace. The job's segment names the log group, so whoever shows the trace finds them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from py4j.protocol import Py4JError

from xray_helper.error_boundary import LOGGER
from xray_helper.observers import Observation

MESSAGE: Final = "Spark tasks"
_FIRST_S: Final = 1.0  # seconds between two polls at first,
_LAST_S: Final = 15.0  # and in a long job: 250 lines of 300 bytes in an hour
_PAUSE_RATIO: Final = 0.05  # of the time so far: how long until the next poll


class Progress:
    """Logs the task counts of the active stages whenever they have changed.

    Parameters
    ----------
    observation
        Its sink takes the lines; nothing is done unless progress is asked for.
    context
        The ``SparkContext``.
    step
        Names the step that is running; None between steps.
    """

    def __init__(self, *, observation: Observation, context: Any, step: Callable[[], str | None]) -> None:
        self._observation, self._context, self._step = observation, context, step
        self._stop = threading.Event()
        self._last: tuple[list[int], int, int] | None = None

    def start(self) -> None:
        """Start polling, if there is a log to write to."""
        if self._observation.log_progress:
            threading.Thread(target=self._run, name="xray-spark-progress", daemon=True).start()

    def stop(self) -> None:
        """Stop polling; does not wait for a poll that is under way."""
        self._stop.set()

    def _run(self) -> None:
        started = time.monotonic()
        with self._observation.errors("following Spark's tasks"):
            tracker = self._context.statusTracker()
            while not self._stop.wait(_pause(time.monotonic() - started)):
                try:
                    self._poll(tracker)
                except (Py4JError, OSError) as error:  # Spark was stopped, or is stopping
                    LOGGER.debug("Spark's tasks are followed no more: %s", error)
                    return

    def _poll(self, tracker: Any) -> None:
        found = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        known = [stage for stage in found if stage is not None]  # one may end in between
        stages = [stage.stageId for stage in known]
        done = sum(stage.numCompletedTasks for stage in known)
        total = sum(stage.numTasks for stage in known)
        if known and (stages, done, total) != self._last and not self._stop.is_set():
            self._last = stages, done, total
            self._observation.sink.log(
                MESSAGE, stages=stages, tasks_done=done, tasks_total=total, step=self._step()
            )


def _pause(elapsed_s: float) -> float:
    return min(_LAST_S, max(_FIRST_S, elapsed_s * _PAUSE_RATIO))
