# SPDX-License-Identifier: Apache-2.0
"""The Spark part of the library, imported by name, and only in a job that uses PySpark itself.

PySpark is never imported from here: a plain script stays a plain script.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final

from xray_helper.observers.protocols import Observation, StepObserver
from xray_helper.own_threads import importing

_SPARK_PART: Final = "xray_helper.spark"
_LINEAGE: Final = "xray_helper.spark.lineage.follower"


def load_observer(observation: Observation) -> StepObserver | None:
    """Return the Spark observer if the job uses PySpark; None until it does."""
    if "pyspark" not in sys.modules:
        return None
    spark: Any = importlib.import_module(_SPARK_PART)
    observer: StepObserver = spark.observer(observation)
    return observer


def import_spark_part(*, with_lineage: bool) -> None:
    """Import it beside the start of Spark, which waits for its JVM; the first step would wait for it.

    Not while another thread imports PySpark: two threads that wait for each other's modules get half of them.
    """
    loaded = [module for name, module in tuple(sys.modules.items()) if name.partition(".")[0] == "pyspark"]
    specs = (getattr(module, "__spec__", None) for module in loaded)
    if loaded and not any(getattr(spec, "_initializing", False) for spec in specs):
        with importing():
            importlib.import_module(_SPARK_PART)
            if with_lineage:
                importlib.import_module(_LINEAGE)
