# SPDX-License-Identifier: Apache-2.0
"""One run of a job in a process of its own: untraced, traced, or under `glue-xray run`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from demo.dataset import generate
from tests.nightly.benchmarks.cold_jvms import JVMS, ROOT
from tests.nightly.benchmarks.reaper import Taken, run_reaped

BUILD: Final = ROOT / "build" / "bench"
OUT: Final = BUILD / "cold"
MODES: Final = ("untraced", "traced", "zero_code")
JOBS: Final = ("clean", "process")


class Bench:
    """Runs the jobs on one data set.

    Parameters
    ----------
    rows
        Of the data set; made where it is not there yet.
    endpoint
        The collector's.
    jvm
        One of ``cold_jvms.JVMS``.
    """

    def __init__(self, rows: int, endpoint: str, *, jvm: str) -> None:
        self.rows, self._endpoint, self._start = rows, endpoint, JVMS[jvm]
        self._out = OUT / str(rows)
        self._out.mkdir(parents=True, exist_ok=True)
        self._source = BUILD / f"listings-{rows}.csv"
        if not self._source.exists():
            generate(self._source, rows=rows)

    def run(self, job: str, mode: str) -> Taken:
        """Run a job to its end, and return what it has taken."""
        self._forget(job)
        command, variables = self._start(self._program(job, mode))
        return run_reaped(command, {**environment(), **variables}, folder=OUT)

    def count(self, job: str, mode: str) -> dict[str, Any]:
        """Run a job with its calls to the JVM, the classes that this loads, and its phases counted."""
        self._forget(job)
        report, classes = OUT / "phases.json", OUT / "classes.log"
        classes.unlink(missing_ok=True)
        program = ["-m", "tests.nightly.benchmarks.phases", str(report), *self._program(job, mode)]
        command, variables = self._start(program, f"-Xlog:class+load:file={classes}")
        run_reaped(command, {**environment(), **variables}, folder=OUT)
        found: dict[str, Any] = json.loads(report.read_text())
        loaded = sum(" source: " in line for line in classes.read_text().splitlines())
        return {"classes": loaded, **found}

    def _program(self, job: str, mode: str) -> list[str]:
        uris = {"clean_uri": self._place("clean")}
        if job == "clean":
            uris |= {"input_uri": f"file://{self._source}", "rejected_uri": self._place("rejected")}
        else:
            uris |= {"processed_uri": self._place("processed")}
        script = [str(self._script(job)), *(f"--{name}={uri}" for name, uri in uris.items())]
        script += ["--run_date=2026-01-01"] if job == "clean" else []
        endpoint = f"--otlp_endpoint={self._endpoint}"
        if mode == "zero_code":
            return [
                "-m",
                "xray_helper.run",
                endpoint,
                *script,
            ]  # what `glue-xray run` runs, without its extras
        return [*script, endpoint] if mode == "traced" else script

    def _forget(self, job: str) -> None:
        """Remove what a job has written; the process job reads what the clean job wrote, now or before."""
        for kind in ("clean", "rejected", "processed") if job == "clean" else ("processed",):
            shutil.rmtree(self._out / kind, ignore_errors=True)
        if job == "process" and not (self._out / "clean").exists():
            self.run("clean", "untraced")

    def _script(self, job: str) -> Path:
        """Copy the script out of its folder, as AWS does: what lies beside it would be imported first."""
        return Path(shutil.copy(ROOT / "glue_jobs" / f"{job}_job.py", self._out))

    def _place(self, kind: str) -> str:
        return f"file://{self._out / kind / 'run_id=bench'}/"


def environment() -> dict[str, str]:
    """Return what a job finds around it: code compiled once, AWS's of no account."""
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": str(OUT / "compiled"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join((str(ROOT / "glue_jobs"), str(ROOT))),
        "PYSPARK_PYTHON": sys.executable,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
