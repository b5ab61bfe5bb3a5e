# SPDX-License-Identifier: Apache-2.0
"""What is imported beside the start of Spark, and when it is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GLUE_JOBS = Path(__file__).resolve().parents[4] / "glue_jobs"
LOADED = "print([name for name in {names!r} if name in sys.modules])"
SPARK, LINEAGE = "xray_helper.spark", "xray_helper.spark.lineage.follower"


def loaded(before: str, *, with_lineage: bool = True) -> str:
    code = (
        f"import sys; sys.path.insert(0, {str(GLUE_JOBS)!r})\n"
        "from xray_helper.observers.spark_part import import_spark_part\n"
        f"{before}\n"
        f"import_spark_part(with_lineage={with_lineage})\n"
        f"{LOADED.format(names=[SPARK, LINEAGE])}"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("before", "with_lineage", "expected"),
    [
        ("import pyspark", True, f"{[SPARK, LINEAGE]}\n"),
        ("import pyspark", False, f"{[SPARK]}\n"),
        ("", True, "[]\n"),  # a script without Spark stays one
        # Another thread is at it: two that wait for each other's modules get half of them.
        ("import pyspark; pyspark.sql.__spec__._initializing = True", True, "[]\n"),
    ],
    ids=["with lineage", "without", "no Spark", "half imported"],
)
def test_the_spark_part_is_imported_once_pyspark_is_there_whole(
    before: str, with_lineage: bool, expected: str
) -> None:
    assert loaded(before, with_lineage=with_lineage) == expected
