# SPDX-License-Identifier: Apache-2.0
"""Runs for the tests: a job of three steps, one second fixed and one for each thousand rows."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.trace_viewer.documents import doc
from trace_viewer import Trace
from trace_viewer.history.runs import Run, run_of

BEGIN = 1_700_000_000.0
DAY = 86_400.0


def trace_of(number: int, rows: int = 10_000, **changes: Any) -> Trace:
    """Return the run of a day.

    `late`: seconds that the step Join takes longer; `stage`: facts of its Spark stage; `annotations`: of the
    job; `more`: documents beside the job's.
    """
    start = BEGIN + number * DAY
    took = 1.0 + rows / 1000
    join_end = start + 1 + took + changes.get("late", 0.0)
    facts = {"spark.stage.id": 7, "spark.stage.tasks": 8, "spark.stage.input.records": rows}
    stage = doc("Spark stage 7", start + 1, join_end, id=f"{number}-stage")
    stage["metadata"] = {"default": facts | changes.get("stage", {})}
    steps = [
        doc("Read", start, start + 1, id=f"{number}-read"),
        doc("Join", start + 1, join_end, id=f"{number}-join", subsegments=[stage]),
        doc("Write", join_end, join_end + took, id=f"{number}-write"),
    ]
    steps[1]["metadata"] = {"default": changes.get("step", {})}
    counts = {"job_name": "orders", "rows_read": rows, "rows_rejected": rows // 100}
    job = doc("orders", start, join_end + took, id=f"{number}-job", subsegments=steps)
    job |= {"annotations": counts | changes.get("annotations", {}), **changes.get("fields", {})}
    job["metadata"] = {"default": changes.get("job", {})}
    documents = [job, *changes.get("more", ())]
    trace_id = f"1-{int(start):08x}-{number:024x}"
    return Trace(trace_id, tuple((str(item["id"]), json.dumps(item)) for item in documents), took)


def run_number(number: int, rows: int = 10_000, **changes: Any) -> Run:
    """Return the run that `trace_of` shows."""
    return run_of(trace_of(number, rows, **changes))


def good_runs(count: int = 10, stage: dict[str, Any] | None = None) -> list[Run]:
    """Return runs of varied size, which differ by up to a twentieth of their time."""
    return [
        run_number(n, 4_000 + 1_000 * (n * 3 % 7), late=0.1 * (n % 3), stage=stage or {})
        for n in range(count)
    ]
