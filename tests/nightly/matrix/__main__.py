# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.nightly.matrix [VERSION ...]``: the tests of the Spark part under each version of Spark.

Exit code 1 when a test fails. A version without a Java that starts it is left out, with the reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.nightly.matrix.results import REPORT, Result, read_junit, write
from tests.nightly.matrix.versions import ROOT, VERSIONS, Version, find_java

SUITE = "tests/spark/xray_helper"
TIMEOUT_S = 1500  # five minutes on a quiet machine


def main(wanted: list[str]) -> int:
    """Run the versions that are asked for, or all; print the table."""
    results: list[Result] = []
    for version in VERSIONS:
        if not wanted or version.spark in wanted:
            results.append(_run(version))
            write(results)  # a run that is cut off leaves what it has found
    Console().print(_table(results))
    print(f"matrix: {REPORT.relative_to(ROOT)}")
    return int(not results or any(result.failed for result in results))


def _run(version: Version) -> Result:
    java = find_java(version)
    if java is None:
        reason = "no Java here starts it (Spark 4.1 needs the module jdk.incubator.vector)"
        return Result(version.spark, version.glue, left_out={reason: 1})
    print(f"matrix: Spark {version.spark}, Java in {java}", flush=True)
    report = ROOT / "build" / "matrix" / f"spark-{version.spark}.xml"
    report.unlink(missing_ok=True)
    options = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    command = [str(version.python), "-m", "pytest", *options, SUITE]
    environment = os.environ | {"MATRIX_JAVA_HOME": str(java), "PATH": _path_of(version)}
    try:
        code = subprocess.run(command, cwd=ROOT, env=environment, timeout=TIMEOUT_S, check=False).returncode
    except subprocess.TimeoutExpired:  # the other versions are still to be run
        return Result(version.spark, version.glue, failed=[f"not done after {TIMEOUT_S} s"])
    if not report.exists():
        return Result(version.spark, version.glue, failed=[f"pytest wrote no report, exit code {code}"])
    return read_junit(report, spark=version.spark, glue=version.glue)


def _path_of(version: Version) -> str:
    """Put the environment's own programs first."""
    return os.pathsep.join([str(Path(version.python).parent), os.environ.get("PATH", "")])


def _table(results: list[Result]) -> Table:
    table = Table("Spark", "Glue", "passed", "failed", "left out")
    for one in results:
        reasons = "\n".join(f"{count} {reason}" for reason, count in one.left_out.items())
        table.add_row(one.spark, one.glue, str(one.passed), "\n".join(one.failed) or "0", reasons or "-")
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
