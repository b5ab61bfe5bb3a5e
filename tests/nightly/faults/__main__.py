# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.nightly.faults [--list] [--only GROUP[/NAME]]... [--fast]``: try faults, write the table.

Exit code 1 when a row is not as expected. ``--repeat N`` instead runs the demonstration, from an empty cloud
to an empty cloud, and its tests N times.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.nightly.faults import groups, report
from tests.nightly.faults.report import NOT_MET, Row
from tests.nightly.faults.runner import Runner
from tests.nightly.faults.table import FAULTS, Fault, Phase
from tests.nightly.faults.world import World

LOG = report.ROOT / "build" / "faults.log"
ERRORS = report.ROOT / "build" / "faults-errors.txt"
E2E = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/e2e/test_demo.py"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.nightly.faults", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the faults, try none")
    parser.add_argument("--only", action="append", default=[], metavar="GROUP[/NAME]", help="may be repeated")
    parser.add_argument("--fast", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--repeat", type=int, metavar="N", help="run the end-to-end test N times in a row")
    options = parser.parse_args(arguments)
    groups.load()
    if options.repeat:
        return _repeat(options.repeat)
    chosen = [fault for fault in FAULTS if _is_chosen(fault, options.only, fast=options.fast)]
    if options.list:
        print("\n".join(f"{fault.title:60} {fault.phase.value:7} {fault.where}" for fault in chosen))
        return 0
    if not chosen:
        parser.error("no fault has such a name: see --list")
    return _run(chosen, keep=bool(options.only or options.fast))


def _is_chosen(fault: Fault, only: list[str], *, fast: bool) -> bool:
    if fast and fault.phase is Phase.SLOW:
        return False
    return not only or any(fault.title == name or fault.group == name for name in only)


def _run(faults: list[Fault], *, keep: bool) -> int:
    ERRORS.parent.mkdir(parents=True, exist_ok=True)
    ERRORS.unlink(missing_ok=True)
    began = time.monotonic()
    progress = _Progress(len(faults), keep=keep)
    world = World(LOG)
    try:
        rows = Runner(world, errors=ERRORS, on_row=progress).run(faults)
    finally:
        world.close()
    print(f"{report.summary(rows)}, {time.monotonic() - began:.0f} s: {report.JSON}, {report.PAGE}")
    if ERRORS.exists():
        print(f"what went wrong in the faults themselves: {ERRORS}")
    return int(any(row["observed"].startswith(NOT_MET) for row in rows))


class _Progress:
    """A line per fault, and the files so far: a run that is cut off leaves what it has found."""

    def __init__(self, total: int, *, keep: bool) -> None:
        self._total = total
        self._earlier = report.earlier() if keep else []
        self._rows: list[Row] = []

    def __call__(self, row: Row, seconds: float) -> None:
        self._rows.append(row)
        met = "FAIL" if row["observed"].startswith(NOT_MET) else "ok"
        title = f"[{len(self._rows):2}/{self._total}] {met:4} {row['fault']} ({seconds:.0f} s)"
        print(f"{title}: {row['observed']}", flush=True)
        report.write(report.merge(self._earlier, self._rows))


def _repeat(times: int) -> int:
    """Run the end-to-end tests again and again; stop at the first failure."""
    for number in range(1, times + 1):
        began = time.monotonic()
        code = subprocess.run([sys.executable, *E2E], cwd=report.ROOT, check=False).returncode
        print(f"run {number} of {times}: exit code {code}, {time.monotonic() - began:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
