# SPDX-License-Identifier: Apache-2.0
"""The job scripts, started by hand as anyone would: no tracing arguments, file:// URIs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.listing import csv_line
from tests.quick_spark import quick_spark
from tests.spark.jobs.samples import parquet_rows

JOBS = Path(__file__).resolve().parents[3] / "glue_jobs"
TIMEOUT_S = 500


def start(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script with the Java and the packages of this environment, and nothing else of it."""
    environment = {
        **quick_spark("--master", "local[2]", "--conf", "spark.ui.enabled=false"),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    return subprocess.run(
        [sys.executable, str(JOBS / script), *arguments],
        capture_output=True, text=True, timeout=TIMEOUT_S, env=environment, check=False,
    )  # fmt: skip


def test_both_jobs_one_after_the_other(place: Callable[..., Path], tmp_path: Path) -> None:
    path = place([csv_line(id="1"), csv_line(id="2", lat="1", price="$10 "), "x"])
    cleaned = f"file://{tmp_path}/clean/a/run_id=1"
    first = start("clean_job.py", "--input_uri", f"file://{path}", "--clean_uri", f"{cleaned}/",
                  "--rejected_uri", f"file://{tmp_path}/rejected/a/run_id=1/")  # fmt: skip
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout.splitlines()[-1])["rows_clean"] == 2
    second = start("process_job.py", "--clean_uri", cleaned,
                   "--processed_uri", f"file://{tmp_path}/processed/a/run_id=1/")  # fmt: skip
    assert second.returncode == 0, second.stderr
    rows = parquet_rows(tmp_path / "processed/a/run_id=1/listings", "id")
    assert [(row["id"], row["prop_rank_exp"]) for row in rows] == [(1, "1/2"), (2, "2/2")]
    assert "WindowExec" not in second.stderr  # no warning of a single partition


def test_a_failing_job_ends_with_its_sentence(place: Callable[..., Path], tmp_path: Path) -> None:
    path = place(b"a,b\n1,2\n")
    failed = start("clean_job.py", "--input_uri", f"file://{path}", "--clean_uri", f"file://{tmp_path}/c/run_id=1",
                   "--rejected_uri", f"file://{tmp_path}/r/run_id=1")  # fmt: skip
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    last = failed.stderr.strip().splitlines()[-1]
    assert last.startswith(
        f"transforms.errors.SchemaError: file://{path} lacks the columns id, name, host_name,"
    )
    assert last.endswith("; it has a, b.")
    assert path.read_bytes() == b"a,b\n1,2\n"


def test_on_glue_the_exception_leaves_the_script() -> None:
    failed = start("process_job.py", "--clean_uri", "listings", "--JOB_RUN_ID", "jr_1")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Traceback")
    assert failed.stderr.splitlines()[-1] == (
        "transforms.errors.ArgumentsError: argument --clean_uri: listings is not s3://bucket/key or "
        "file:///path; the job's arguments are --clean_uri, --processed_uri."
    )


def test_scripts_start_without_pyarrow_which_pyspark_does_not_bring() -> None:
    code = "import sys; sys.modules['pyarrow'] = None; import clean_job, process_job"
    subprocess.run([sys.executable, "-c", code], cwd=JOBS, check=True, timeout=TIMEOUT_S)
