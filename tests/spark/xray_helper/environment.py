# SPDX-License-Identifier: Apache-2.0
"""What a process with a Spark of its own is given."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
AWSGLUE = ROOT / "local_cloud" / "services" / "glue" / "job_side"  # as the jobs of the local Glue find it
ON_CLUSTER = os.environ.get("SPARK_TESTS_ON") == "cluster"  # set by `make cluster`


def java_environment() -> dict[str, str]:
    """Return what PySpark starts Java with."""
    if chosen := os.environ.get("MATRIX_JAVA_HOME"):  # set by tests.nightly.matrix, which has no local cloud
        return {"JAVA_HOME": chosen}
    from tests.quick_spark import quick_spark

    return quick_spark()


def spark_environment() -> dict[str, str]:
    """Return the environment of a process with a Spark of its own."""
    environment = os.environ | {
        **java_environment(),
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "glue_jobs", ROOT, AWSGLUE))),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    environment.pop("SPARK_LOCAL_DIRS", None)
    return environment
