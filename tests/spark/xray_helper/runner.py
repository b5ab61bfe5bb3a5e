# SPDX-License-Identifier: Apache-2.0
"""Runs pipelines, each as a traced job of its own, in one Spark with its event log on.

``python -m tests.spark.xray_helper.runner FOLDER MODULE [CONF=VALUE ...]`` writes ``FOLDER/traces.json`` and
``FOLDER/events/``.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from tests.spark.xray_helper.recording import recorded_job
from tests.spark.xray_helper.scenery import PIPELINES, Scene


def main(folder: Path, module: str, settings: list[str]) -> None:
    """Run all pipelines of a module."""
    importlib.import_module(module)
    spark = start_spark(folder, settings)
    traces: dict[str, Any] = {}
    for name, pipeline in PIPELINES.items():
        spans: list[dict[str, Any]] = []
        facts: dict[str, Any] = {}
        scene = Scene(spark=spark, folder=folder)
        try:
            with recorded_job(spans, measure=pipeline.measure) as job:
                facts = pipeline.run(job, scene) or {}
        except Exception as error:
            facts = {"error": f"{type(error).__name__}: {error}"}
            if not pipeline.fails:
                traceback.print_exc()
        traces[name] = {"spans": spans, "facts": facts}
        spark.catalog.clearCache()
    spark.stop()
    (folder / "traces.json").write_text(json.dumps(traces))


def start_spark(folder: Path, settings: list[str]) -> SparkSession:
    """Start Spark with two cores, three attempts per task, and an event log."""
    (folder / "events").mkdir(parents=True)
    builder = SparkSession.builder.master("local[2,3]").appName("truth")
    fixed = [
        "spark.ui.enabled=false",
        "spark.sql.shuffle.partitions=3",
        "spark.eventLog.enabled=true",
        "spark.eventLog.rolling.enabled=false",  # Spark 4 rolls and compresses by default
        "spark.eventLog.compress=false",
        f"spark.eventLog.dir={(folder / 'events').as_uri()}",
        f"spark.local.dir={folder / 'local'}",
        f"spark.sql.warehouse.dir={folder / 'warehouse'}",
        "spark.ui.showConsoleProgress=false",
        "spark.driver.memory=1g",
    ]
    for setting in (*fixed, *settings):
        key, _, value = setting.partition("=")
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    spark.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
    return spark


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
