# SPDX-License-Identifier: Apache-2.0
"""A traced job may fork: PySpark does when it starts its JVM, multiprocessing does for each worker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
TIMEOUT_S = 60
# The thread pool is imported by whatever comes first: gRPC, boto3, the job itself.
JOB = """
import subprocess
from xray_helper import Settings, traced_job

settings = Settings(job_name="forks", otlp_endpoint="http://127.0.0.1:9", end_budget_s=1)
with traced_job(settings=settings):
    import concurrent.futures.thread
    subprocess.run(["true"], preexec_fn=lambda: None, check=True)
print("the job is over")
"""


def test_a_child_does_not_wait_for_telemetry(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", JOB],
        cwd=ROOT / "glue_jobs",
        env=os.environ | {"TMPDIR": str(tmp_path)},  # where the spans go that nobody takes
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "the job is over"
