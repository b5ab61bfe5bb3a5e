# SPDX-License-Identifier: Apache-2.0
"""The one place where lineage is switched off, and where what it raises ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xray_helper.observers import Observation
    from xray_helper.spark.lineage.follower import LineageFollower
    from xray_helper.spark.status_store.store import StatusStore


class OptionalLineage:
    """Follows lineage as long as that works: executions are worth more than outcomes.

    Parameters
    ----------
    observation
        ``follow_lineage`` switches it on; ``errors`` takes what goes wrong.
    context
        The ``SparkContext``.
    store
        Where the plans of executions are read.
    current
        Returns the number of the step around the code that runs; None outside of steps.
    """

    def __init__(
        self,
        observation: Observation,
        *,
        context: Any,
        store: StatusStore,
        current: Callable[[], int | None],
    ) -> None:
        self._errors = observation.errors
        self._follower: LineageFollower | None = None
        if observation.follow_lineage:
            with self._errors("starting to follow plans"):
                from xray_helper.spark.lineage.follower import LineageFollower

                self._follower = LineageFollower(
                    context=context, store=store, current=current, made=self._made
                )

    def run(self, work: Callable[[LineageFollower], None]) -> None:
        """Let the follower work; after the first error it is given up, and leaves Spark as it was."""
        follower = self._follower
        if follower is None:
            return
        is_over = False
        with self._errors("following plans"):
            work(follower)
            is_over = True
        if not is_over:
            self._follower = None
            with self._errors("giving up following plans"):
                follower.restore()

    def _made(self, frame: Any) -> None:
        self.run(lambda follower: follower.made(frame))
