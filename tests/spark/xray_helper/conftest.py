# SPDX-License-Identifier: Apache-2.0
"""One run of all pipelines, in a Spark of its own, for all tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.spark.xray_helper.environment import ON_CLUSTER, ROOT, spark_environment
from tests.spark.xray_helper.event_log import EventLog
from tests.spark.xray_helper.scenery import LEFT_OUT, why_no_python_functions
from tests.spark.xray_helper.standalone import QUICK, cluster
from tests.spark.xray_helper.traces import Trace

TIMEOUT_S = 850  # two minutes on a quiet machine
CLUSTER = (  # as local[2,3] would have it
    "spark.cores.max=2",
    "spark.executor.cores=1",
    "spark.executor.memory=512m",
    f"spark.executor.extraJavaOptions={QUICK}",
    "spark.scheduler.minRegisteredResourcesRatio=1.0",  # two executors from the start
    "spark.task.maxFailures=3",
)

# What can differ where executors are processes of their own; `make test` has it all on local.
_ALSO_ON_CLUSTER = {"concurrency", "pipelines", "python_functions", "tasks", "truth"}
collect_ignore = [
    file.name
    for file in Path(__file__).parent.glob("test_*.py")
    if ON_CLUSTER and file.stem.removeprefix("test_") not in _ALSO_ON_CLUSTER
]

without_python_functions = pytest.mark.skipif(
    why_no_python_functions() is not None, reason=why_no_python_functions() or ""
)


def run(folder: Path, module: str, *settings: str) -> dict[str, Trace]:
    """Run the pipelines of a module, here or on a cluster of its own, and read their traces."""
    if not ON_CLUSTER:
        return run_here(folder, module, *settings)
    with cluster(folder / "local") as master:  # its shuffle files are where those of a local Spark are
        return run_here(folder, module, f"spark.master={master}", *CLUSTER, *settings)


def run_here(folder: Path, module: str, *settings: str) -> dict[str, Trace]:
    """Run the pipelines of a module in one process, which may ask a cluster for executors."""
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
