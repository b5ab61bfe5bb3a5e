# SPDX-License-Identifier: Apache-2.0
"""How the tasks of a stage were spread over the executors, and what they waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xray_common import conventions as names
from xray_helper.spark.status_store.records import Record, Stage, executor_host
from xray_helper.spark.status_store.store import StatusStore

MIN_STAGE_MS: Final = 1_000  # reading takes some milliseconds: only of stages where a host can matter


class StageExecutors:
    """Reads what each executor did for the long stages."""

    def __init__(self, *, store: StatusStore) -> None:
        self._store = store

    def attributes(self, stage: Stage, executors: list[Record]) -> dict[str, Any]:
        """Compare the executors of a stage by the mean time of a task (milliseconds)."""
        if stage.duration_ms < MIN_STAGE_MS:
            return {}
        found = self._store.stage_executors(stage_id=stage.id, attempt=stage.attempt)
        ran = {number: one for number, one in found.items() if _tasks(one)}
        return {
            names.STAGE_SCHEDULER_DELAY_MS: _delay_ms(stage, ran),
            names.STAGE_EXECUTORS: len(ran),
            **(_slowest(ran, executors) if len(ran) > 1 else {}),
        }


def wait_ms(stage: Stage) -> int | None:
    """Measure how long a stage waited for its first task: for cores, or for the tasks to be made."""
    launched = stage.data.get("firstTaskLaunchedTime")
    submitted = stage.data["submissionTime"]
    return max(0, launched - submitted) if launched is not None and submitted is not None else None


def _slowest(ran: Mapping[str, Record], executors: list[Record]) -> dict[str, Any]:
    slowest = max(ran, key=lambda number: _mean_ms([ran[number]]))
    others = [one for number, one in ran.items() if number != slowest]
    hosts = {one["id"]: executor_host(one) for one in executors}
    return {
        "spark.stage.executor.slowest.id": slowest,
        names.STAGE_SLOWEST_HOST: hosts.get(slowest),
        names.STAGE_SLOWEST_MS: round(_mean_ms([ran[slowest]])),
        names.STAGE_OTHERS_MS: round(_mean_ms(others)),
    }


def _delay_ms(stage: Stage, ran: Mapping[str, Record]) -> int | None:
    """Add up what is left of the tasks' time without the executors' work.

    A task that was lost with its executor has a time and no measurements: then nothing is known.
    """
    data = stage.data
    if data["numFailedTasks"] or data["numKilledTasks"]:
        return None
    worked = data["executorRunTime"] + data["executorDeserializeTime"] + data["resultSerializationTime"]
    return max(0, int(sum(one["taskTime"] for one in ran.values()) - worked))


def _mean_ms(executors: list[Record]) -> float:
    return float(sum(one["taskTime"] for one in executors)) / sum(map(_tasks, executors))


def _tasks(executor: Record) -> int:
    return int(executor["succeededTasks"] + executor["failedTasks"] + executor["killedTasks"])
