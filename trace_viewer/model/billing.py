# SPDX-License-Identifier: Apache-2.0
"""What Glue bills for one run of a job: by its own answer, else by what the job says of itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trace_viewer.model.document import Node
from trace_viewer.model.prices import MIN_BILLED_SECONDS, WORKERS, Worker
from xray_common import conventions as names
from xray_common.numbers import as_measured

SHELL = Worker(1, 0)  # a Python shell job is billed for a part of a DPU, and has no worker


@dataclass(frozen=True)
class Bill:
    """The workers, what they sum up to, and for how many seconds."""

    worker: Worker
    words: str
    dpu_seconds: float
    seconds: float


def billed(run: Mapping[str, Any]) -> Bill | None:
    """Return what Glue says: its own sum where workers come and go, else capacity times time."""
    executed = number(run.get("ExecutionTime"))
    capacity = number(run.get("MaxCapacity"))
    worker, count = WORKERS.get(str(run.get("WorkerType"))), number(run.get("NumberOfWorkers"))
    if executed is None or run.get("CompletedOn") is None:
        return None
    seconds = max(executed, MIN_BILLED_SECONDS) if executed else 0.0
    if worker is not None and count is not None:
        words, dpu = f"{count:g} x {run['WorkerType']}", worker.dpu * count
    elif capacity is not None:
        worker, words, dpu = SHELL, f"{capacity:g} DPU", capacity
    else:
        return None
    told = number(run.get("DPUSeconds"))  # of flexible runs, and of those that scale
    return Bill(worker, words, dpu * seconds if told is None else told, seconds)


def measured(node: Node, facts: Mapping[str, Any]) -> Bill | None:
    """Return what the job says of itself; nothing of one that still runs."""
    if node.in_progress or node.end_unknown:
        return None
    seconds = max(float(math.ceil(node.duration)), MIN_BILLED_SECONDS)
    capacity = number(facts.get(names.GLUE_MAX_CAPACITY))
    if capacity is not None:
        return Bill(SHELL, f"{capacity:g} DPU", capacity * seconds, seconds)
    kind = str(facts.get(names.GLUE_WORKER_TYPE))
    worker, count = WORKERS.get(kind), number(facts.get(names.GLUE_NUMBER_OF_WORKERS))
    if worker is None or not count:  # a job without workers runs nothing
        return None
    core_seconds = number(facts.get(names.EXECUTOR_CORE_SECONDS))
    if facts.get(names.DYNAMIC_ALLOCATION) is True and core_seconds is not None:
        lived = core_seconds / worker.cores  # of workers with an executor; one more has the driver
        return Bill(worker, f"up to {count:g} x {kind}", worker.dpu * (seconds + lived), seconds)
    return Bill(worker, f"{count:g} x {kind}", worker.dpu * count * seconds, seconds)


def idle(facts: Mapping[str, Any], bill: Bill) -> float | None:
    """Return the DPU-seconds of the executors' cores in which no task ran; None where nobody measured it.

    More than the bill's is no measurement: the executors lived on the workers that are billed.
    """
    worker = bill.worker
    offered, busy_ms = (
        number(facts.get(name)) for name in (names.EXECUTOR_CORE_SECONDS, names.EXECUTOR_RUN_MS)
    )
    if offered is None or busy_ms is None or not worker.cores:
        return None
    found = max(0.0, offered - busy_ms / 1000) * worker.dpu / worker.cores
    return found if found <= bill.dpu_seconds else None


def run_id(node: Node) -> str:
    """Return Glue's id of the run that a segment is of; empty for what is none."""
    facts = node.attributes
    found = facts.get(names.GLUE_JOB_RUN_ID) or facts.get(names.RESOURCE_PREFIX + names.GLUE_JOB_RUN_ID)
    return str(found) if found else ""


def number(value: object) -> float | None:
    """Read a number that can have been measured, also one in text; None for anything else."""
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        value = float(value)
    found = as_measured(value)
    return None if found is None else float(found)
