# SPDX-License-Identifier: Apache-2.0
"""Both jobs from a cold start: a process of its own each time, untraced, traced, and under `glue-xray run`.

``python -m tests.nightly.benchmarks.cold [--rows 4002 100000] [--rounds 9] [--jvm c1]`` writes
``build/bench/cold-plain.json``, or that of another JVM, and prints a table. Spans go through the real
collector. What counts is the difference to the untraced run of the same round: its median, and the interval
that holds the true median in 95 of 100 such benchmarks.
Calls to the JVM, classes loaded and phases are counted in a run of their own, which is not timed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import pyspark

from collector.build import binary
from tests.integration.conformance.real_collector import RealCollector
from tests.integration.conformance.recorder import Recorder
from tests.nightly.benchmarks.cold_jvms import JVMS
from tests.nightly.benchmarks.cold_runs import BUILD, JOBS, MODES, OUT, Bench
from tests.nightly.benchmarks.cold_table import table
from tests.nightly.benchmarks.differences import difference
from tests.nightly.benchmarks.reaper import Taken


def main() -> int:
    """Measure and write the result; 2 without a collector."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[4_002, 100_000])
    parser.add_argument("--rounds", type=int, default=9, help="0: count only")
    parser.add_argument("--jobs", nargs="+", default=list(JOBS), choices=JOBS)
    parser.add_argument("--modes", nargs="+", default=list(MODES), choices=MODES)
    parser.add_argument("--jvm", default="plain", choices=JVMS, help="c1: compiles less, and is steadier")
    options = parser.parse_args()
    if not binary().exists():
        print(f"There is no collector at {binary()}; run `make collector` (needs Go), then this again.")
        return 2
    OUT.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {"made": _made(), "jvm": options.jvm, "rounds": options.rounds, "sizes": []}
    with _collector() as endpoint:
        for rows in options.rows:
            result["sizes"].append(_measure(Bench(rows, endpoint, jvm=options.jvm), options))
            (BUILD / f"cold-{options.jvm}.json").write_text(json.dumps(result, indent=2) + "\n")
    print("\n".join(table(result)))
    return 0


def _measure(bench: Bench, options: argparse.Namespace) -> dict[str, Any]:
    """Run all modes in turn, each round in another order."""
    jobs, modes, rounds = options.jobs, options.modes, options.rounds
    # First: what Python compiles and the disk reads for the first time is nobody's cost.
    counted = {job: {mode: bench.count(job, mode) for mode in modes} for job in jobs}
    taken: dict[str, dict[str, list[Taken]]] = {job: {mode: [] for mode in modes} for job in jobs}
    for turn in range(rounds):
        for job in jobs:
            for mode in (*modes[turn % len(modes) :], *modes[: turn % len(modes)]):
                one = bench.run(job, mode)
                taken[job][mode].append(one)
                print(f"{bench.rows} rows, round {turn + 1}/{rounds}, {job}, {mode}: {one}", file=sys.stderr)
    return {
        "rows": bench.rows,
        "jobs": {job: {"taken": taken[job], "counted": counted[job], **_paired(taken[job])} for job in jobs},
    }


def _paired(taken: Mapping[str, list[Taken]]) -> dict[str, Any]:
    base = taken["untraced"]
    return {
        "median": {
            field: difference([getattr(one, field) for one in base]).median for field in Taken._fields if base
        },
        "difference": {
            mode: {
                field: difference(
                    [getattr(a, field) - getattr(b, field) for a, b in zip(runs, base, strict=True)]
                )
                for field in Taken._fields
            }
            for mode, runs in taken.items()
            if mode != "untraced" and base
        },
    }


@contextmanager
def _collector() -> Iterator[str]:
    """Start the real collector in front of a tiny X-Ray; the jobs in progress are shown to that, too."""
    with Recorder() as xray, RealCollector(binary=binary(), xray_endpoint=xray.endpoint) as collector:
        os.environ["AWS_ENDPOINT_URL_XRAY"] = xray.endpoint
        yield collector.otlp_endpoint


def _made() -> dict[str, Any]:
    """Return by what the figures were made."""
    return {
        "date": date.today().isoformat(),
        "cpus": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "spark": pyspark.__version__,
    }


if __name__ == "__main__":
    sys.exit(main())
