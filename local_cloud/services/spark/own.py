# SPDX-License-Identifier: Apache-2.0
"""The PySpark of whoever uses the cloud, run by hand: how it finds Java and the cloud's S3.

Spark reads its defaults from the folder ``SPARK_CONF_DIR`` (Spark documentation, "Overriding configuration
directory"). A folder that the user has set stays.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from local_cloud.environment import default_glue_home
from local_cloud.services.spark import built
from local_cloud.services.spark.java import java_home

_CONF_DIR = "SPARK_CONF_DIR"
_FILE_SYSTEM = "local_cloud.S3FileSystem"


def variables(directory: Path, *, endpoint: str) -> dict[str, str]:
    """Write Spark's defaults into a directory and return the variables that lead to it and to Java.

    Parameters
    ----------
    directory
        Kept as long as the command runs; gets a folder ``spark``.
    endpoint
        URL of the AWS APIs.
    """
    found = {}
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        found["JAVA_HOME"] = str(java_home())
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None or _CONF_DIR in os.environ:
        return found
    try:
        jar = built.build_file_system(
            _kept(), java=java_home() / "bin" / "java", spark_home=Path(spec.origin).parent
        )
    except OSError as error:
        print(
            f"glue-xray local: Spark will not find the local S3: {error}; make it writable.", file=sys.stderr
        )
        return found
    defaults = {
        "spark.driver.extraClassPath": jar,
        "spark.executor.extraClassPath": jar,
        "spark.hadoop.fs.s3.impl": _FILE_SYSTEM,
        "spark.hadoop.fs.s3a.impl": _FILE_SYSTEM,
        "spark.hadoop.fs.s3.local.endpoint": endpoint,
    }
    lines = [f"{name} {value}\n" for name, value in defaults.items()]
    conf = directory / "spark"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    return {**found, _CONF_DIR: str(conf)}


def _kept() -> Path:
    """Return where the file system is built once: beside Glue's packages, else in this environment."""
    glue_home = default_glue_home()
    return glue_home if glue_home.is_dir() else Path(sys.prefix)
