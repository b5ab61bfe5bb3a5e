# SPDX-License-Identifier: Apache-2.0
"""A job whose workers cannot import this library; run by ``test_python_functions``."""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "glue_jobs"), str(ROOT)]  # here only: workers do not inherit it
sys.path.remove(str(Path(__file__).parent))

import pandas as pd  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

from tests.spark.xray_helper.recording import recorded_job  # noqa: E402
from xray_helper import traced_map_in_pandas, traced_udf  # noqa: E402


def _is_importable(_: int) -> bool:
    try:
        import xray_helper  # noqa: F401
    except ImportError:
        return False
    return True


def _same(batches: Any) -> Any:
    for batch in batches:
        yield pd.DataFrame(batch)


def _ask(spark: SparkSession) -> bool:
    numbers = spark.range(1).mapInPandas(traced_map_in_pandas(_same), "id long")
    (row,) = numbers.select(traced_udf(_is_importable, returnType="boolean")("id")).collect()
    return bool(row[0])


if __name__ == "__main__":
    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    spans: list[dict[str, Any]] = []
    with recorded_job(spans) as job, job.step("Ask"):
        traced = _ask(session)
    untraced = _ask(session)
    session.stop()
    (root,) = (span for span in spans if span["name"] == "job")
    told = {
        "importable": [traced, untraced],
        "spans": sum("spark.python.function" in span["attributes"] for span in spans),
        "faults": root["attributes"].get("xray.telemetry.faults"),
    }
    print(json.dumps(told))
