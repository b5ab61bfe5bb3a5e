# SPDX-License-Identifier: Apache-2.0
"""PySpark scripts that run for real: spark-submit in a process group per run, for Glue and EMR Serverless."""

from __future__ import annotations

import tempfile
from pathlib import Path

from local_cloud.services.spark import built
from local_cloud.services.spark.java import java_home
from local_cloud.services.spark.runtime import SparkRuntime

__all__ = ["SparkRuntime", "java_home", "prepare"]


def prepare(home: Path) -> list[Path]:
    """Build what makes job runs start fast, once per installation of the packages; return the files."""
    runtime = SparkRuntime(home=home, java_home=java_home(), endpoint="http://127.0.0.1:9", network={})
    jar = built.build_file_system(home, java=runtime.java, spark_home=runtime.spark_home)
    with tempfile.TemporaryDirectory() as directory:
        temp = Path(directory)
        script = Path(built.__file__).with_name("warm_up.py")
        command = runtime.command(script=script, modules=[], settings={}, arguments=[directory], temp=temp)
        archive = built.build_class_archive(
            home, java=runtime.java, command=command, environment=runtime.environment(temp=temp)
        )
    return [jar, archive]
