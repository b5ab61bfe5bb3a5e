# SPDX-License-Identifier: Apache-2.0
"""Glue Spark jobs that run: spark-submit in a process group per run, with what Glue gives a job, no more."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from local_cloud.glue import built
from local_cloud.glue.api import GlueApi
from local_cloud.glue.service import GlueRuns
from local_cloud.glue.spark import SparkRuntime, java_home

__all__ = ["GlueRuns", "install", "prepare"]


def install(*, endpoint: str, directory: Path, glue_home: Path, network: Mapping[str, str]) -> GlueRuns:
    """Replace ministack's Glue runs by real ones and return them.

    Parameters
    ----------
    endpoint
        URL of the AWS APIs.
    directory
        The cloud's temporary directory.
    glue_home
        Virtual environment with exactly the Python packages of Glue.
    network
        Variables with which a job reaches private host names; read at each start of a run.
    """
    runtime = SparkRuntime(home=glue_home, java_home=java_home(), endpoint=endpoint, network=network)
    runs = GlueRuns(runtime=runtime, directory=directory / "glue")
    GlueApi(runs).install()
    return runs


def prepare(glue_home: Path) -> list[Path]:
    """Build what makes job runs start fast, once per installation; return the files."""
    runtime = SparkRuntime(home=glue_home, java_home=java_home(), endpoint="http://127.0.0.1:9", network={})
    jar = built.build_file_system(glue_home, java=runtime.java, spark_home=runtime.spark_home)
    with tempfile.TemporaryDirectory() as directory:
        temp = Path(directory)
        script = Path(built.__file__).with_name("warm_up.py")
        command = runtime.command(script=script, modules=[], settings={}, arguments=[directory], temp=temp)
        archive = built.build_class_archive(
            glue_home, java=runtime.java, command=command, environment=runtime.environment(temp=temp)
        )
    return [jar, archive]
