# SPDX-License-Identifier: Apache-2.0
"""A Spark for tests that takes a third of the processor time: on the JVM that jobs of the local Glue have.

A class archive spares loading thousands of classes; the first compiler alone does, where a job ends before
the second one has paid for itself.
"""

from __future__ import annotations

from pathlib import Path

import pyspark

from local_cloud.environment import default_glue_home
from local_cloud.services.spark import SparkRuntime, built, java_home
from local_cloud.services.spark.runtime import JVM_OPTIONS


def quick_spark(*options: str) -> dict[str, str]:
    """Return the variables with which PySpark starts such a JVM.

    Parameters
    ----------
    options
        Further ones of spark-submit.
    """
    runtime = SparkRuntime(home=default_glue_home(), java_home=java_home(), endpoint="", network={})
    java, words = [*JVM_OPTIONS], [*options]
    if runtime.spark_home == Path(pyspark.__file__).parent:  # the archive is for one class path
        java += runtime.archive_options()
        words += ["--driver-class-path", str(built.file_system_jar(runtime.home))]
    words += ["--driver-java-options", f"'{' '.join(java)}'", "pyspark-shell"]
    return {
        "JAVA_HOME": str(runtime.java_home),
        "PYSPARK_SUBMIT_ARGS": " ".join(words),
        "SPARK_LAUNCHER_OPTS": " ".join(JVM_OPTIONS),  # of the JVM that makes spark-submit's command line
        "SPARK_DAEMON_JAVA_OPTS": " ".join(JVM_OPTIONS),  # of a cluster's master and workers
    }
