# SPDX-License-Identifier: Apache-2.0
"""Tries the faults: those that may run beside others in a pool, the rest one by one; none hides another."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.nightly.faults.report import NOT_MET, Row
from tests.nightly.faults.table import Fault, Finding, Phase, Unmet
from tests.nightly.faults.world import World

BESIDE = 8  # faults at once; their Spark jobs queue for the two cores inside the cloud

OnRow = Callable[[Row, float], None]


class Runner:
    """Runs faults against one world.

    Parameters
    ----------
    world
        The cloud; made by the first fault that needs it.
    errors
        File for the stacks of what went wrong in a fault itself.
    on_row
        Told each row when it is there, with the seconds it took.
    """

    def __init__(self, world: World, *, errors: Path, on_row: OnRow) -> None:
        self._world = world
        self._errors = errors
        self._on_row = on_row
        self._lock = threading.Lock()

    def run(self, faults: Sequence[Fault]) -> list[Row]:
        """Try all of them; one row each."""
        by_phase = {phase: [fault for fault in faults if fault.phase is phase] for phase in Phase}
        with ThreadPoolExecutor(BESIDE) as pool:
            rows = list(pool.map(self._try, by_phase[Phase.BESIDE]))
        rows += [self._try(fault) for phase in (Phase.ALONE, Phase.SLOW) for fault in by_phase[phase]]
        return rows

    def _try(self, fault: Fault) -> Row:
        began = time.monotonic()
        try:
            row = _row(fault, fault.check(self._world))
        except Unmet as unmet:
            row = _row(fault, None, str(unmet))
        except Exception as error:  # one broken fault must not hide the others
            self._note(fault)
            row = _row(fault, None, f"the fault could not be tried: {type(error).__name__}: {error}")
        with self._lock:
            self._on_row(row, time.monotonic() - began)
        return row

    def _note(self, fault: Fault) -> None:
        with self._lock, self._errors.open("a", encoding="utf-8") as stream:
            stream.write(f"== {fault.title}\n{traceback.format_exc()}\n")


def _row(fault: Fault, finding: Finding | None, unmet: str = "") -> Row:
    """One row of the table; numbers are None where the fault came to no end."""
    observed = finding.observed if finding else unmet
    if finding is None or not finding.is_met:
        observed = f"{NOT_MET}{observed}"
    return {
        "fault": fault.title,
        "where": fault.where,
        "expected": fault.expected,
        "observed": " ".join(observed.split()),
        "rows_lost": finding.rows_lost if finding else None,
        "spans_lost": finding.spans_lost if finding else None,
        "spans_lost_counted": finding.spans_lost_counted if finding else None,
    }
