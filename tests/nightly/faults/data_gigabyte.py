# SPDX-License-Identifier: Apache-2.0
"""A gigabyte of input with a small heap: memory must not grow with the data."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from demo.dataset import generate
from tests.nightly.faults.glue_disk import environment, python
from tests.nightly.faults.report import ROOT
from tests.nightly.faults.table import Finding, Phase, expect, fault
from tests.nightly.faults.world import World

SIZE = 10**9  # bytes
BLOCK_ROWS = 50_000
HEAP = "512m"
OUTSIDE_HEAP_MB = 1000  # metaspace, code, threads; the driver's Python, and the two workers' with pyarrow
GROWTH = 1.15  # of the second half of the run against the first
TIMEOUT_S = 2400
SAMPLE_S = 1.0
WARM_UP = 0.2  # share of the run in which classes are loaded and compiled


def write_gigabyte(path: Path) -> int:
    """Write blocks that differ in every place, so that none is a duplicate of another; the records."""
    block = path.with_suffix(".block")
    generate(block, rows=BLOCK_ROWS)
    header, _, body = block.read_bytes().partition(b"\n")
    block.unlink()
    blocks = -(-SIZE // len(body))
    with path.open("wb") as file:
        file.write(header + b"\n")
        for number in range(blocks):
            file.write(body.replace(b",40.", b",40.%03d" % number))
    return int(blocks * BLOCK_ROWS)


def resident_mb(pid: int) -> float:
    """Memory of a process and all its descendants, as the kernel counts it."""
    children: dict[int, list[int]] = {}
    sizes: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = (folder / "status").read_text()
        except OSError:
            continue  # it has ended
        fields = dict(line.partition(":")[::2] for line in status.splitlines())
        children.setdefault(int(fields["PPid"]), []).append(int(folder.name))
        sizes[int(folder.name)] = int(fields.get("VmRSS", "0 kB").split()[0]) / 1024
    waiting, total = [pid], 0.0
    while waiting:
        one = waiting.pop()
        total += sizes.get(one, 0.0)
        waiting += children.get(one, [])
    return total


def sampled(process: subprocess.Popen[str]) -> list[float]:
    """Resident megabytes, second by second, to the end of a process."""
    line = []
    deadline = time.monotonic() + TIMEOUT_S
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
        line.append(resident_mb(process.pid))
        time.sleep(SAMPLE_S)
    return line


@fault(
    "data", "1 GB of input", where=f"clean_job.py by hand, two cores, a heap of {HEAP}", phase=Phase.SLOW,
    expected="every row in the outputs, and memory that does not grow while the data passes",
)  # fmt: skip
def gigabyte(world: World) -> Finding:
    folder = world.work("gigabyte")
    records = write_gigabyte(folder / "listings.csv")
    uris = [f"file://{folder}/{part}/run_id=1" for part in ("clean", "rejected")]
    command = [
        str(python()), str(ROOT / "glue_jobs" / "clean_job.py"), "--input_uri", f"file://{folder}/listings.csv",
        "--clean_uri", uris[0], "--rejected_uri", uris[1], "--run_date", "2026-01-01",
    ]  # fmt: skip
    # The whole heap is there from the start: what grows, grows outside of it.
    heap = f"--driver-memory {HEAP} --driver-java-options '-Xms{HEAP} -XX:+AlwaysPreTouch'"
    submit = f"--master local[2] {heap} --conf spark.ui.enabled=false pyspark-shell"
    settings = environment(PYSPARK_SUBMIT_ARGS=submit, SPARK_LOCAL_DIRS=str(folder))
    with world.spark, (folder / "log").open("w") as log:
        began = time.monotonic()
        process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=log, text=True)
        line = sampled(process)
        took = time.monotonic() - began
    assert process.stdout is not None
    printed = process.stdout.read()
    expect(process.returncode == 0, f"exit code {process.returncode}: {(folder / 'log').read_text()[-400:]}")
    report: dict[str, Any] = json.loads(printed.splitlines()[-1])
    ended = report["rows_clean"] + report["rows_duplicate"] + report["rows_rejected"]
    steady = line[int(len(line) * WARM_UP) :]
    first, second = max(steady[: len(steady) // 2]), max(steady[len(steady) // 2 :])
    expect(second <= first * GROWTH, f"memory grew from {first:.0f} to {second:.0f} MB")
    limit = int(HEAP.rstrip("m")) + OUTSIDE_HEAP_MB
    expect(max(line) <= limit, f"{max(line):.0f} MB at the highest, more than {limit}")
    seen = (
        f"{records} records in {took:.0f} s; at most {first:.0f} MB in the first half, {second:.0f} MB after"
    )
    return Finding(f"{seen}; {report['rows_clean']} clean", records - ended)
