# SPDX-License-Identifier: Apache-2.0
"""Calls of the AWS SDK that workers make."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.spark.xray_helper.environment import ROOT, java_environment


def test_calls_of_workers_hang_below_the_task_that_made_them() -> None:
    environment = os.environ | {
        **java_environment(),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "glue_jobs"), str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "tests.spark.xray_helper.worker_calls_job"]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    spans: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    tasks = {span["id"]: span for span in spans if "spark.python.function" in span["attributes"]}
    calls = [span for span in spans if "aws.calls" in span["attributes"]]

    assert [task["attributes"]["spark.python.rows"] for task in tasks.values()] == [30, 30]
    assert {call["parent"] for call in calls} == tasks.keys()
    assert [call["attributes"]["aws.calls"] for call in calls] == [30, 30]
    assert {call["attributes"]["aws.s3.bucket"] for call in calls} == {"places"}
