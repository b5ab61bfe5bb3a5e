# SPDX-License-Identifier: Apache-2.0
"""How a PySpark script is run: spark-submit from the packages of Glue 5.1, in its own environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_cloud.environment import REGION
from local_cloud.services.spark import built

# One machine: few threads, no web interface, no 200 shuffle partitions. A job's --conf replaces any of these.
_SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.authenticate": "true",  # no other user talks to the driver's ports; Spark itself makes the secret
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.hadoop.fs.s3.impl": "local_cloud.S3FileSystem",
    "spark.hadoop.fs.s3a.impl": "local_cloud.S3FileSystem",
}
JVM_OPTIONS = (
    "-XX:+UseSerialGC",  # two cores
    "-XX:TieredStopAtLevel=1",  # jobs here are short: compile fast rather than well
    "-XX:-UsePerfData",
    "-Xlog:disable",  # a class archive that fits no longer is no news for a job's log
    "-Xlog:all=error:stderr",
    "-Djava.net.preferIPv4Stack=true",
)
# Spark on Java 17 needs these; spark-class gets the list from Spark's own JavaModuleOptions
_OPEN_PACKAGES = (
    "java.base/java.lang", "java.base/java.lang.invoke", "java.base/java.lang.reflect", "java.base/java.io",
    "java.base/java.net", "java.base/java.nio", "java.base/java.util", "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic", "java.base/jdk.internal.ref", "java.base/sun.nio.ch",
    "java.base/sun.nio.cs", "java.base/sun.security.action", "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SparkRuntime:
    """Where the pieces of a Glue 5.1 runtime are; EMR Serverless has the same Spark (emr-7.11.0: 3.5.6).

    Attributes
    ----------
    home
        Virtual environment with exactly the Python packages of Glue.
    java_home
        Home of a Java 17.
    endpoint
        URL of the AWS APIs.
    network
        Further variables of a job, with which it reaches private host names (the VPC's DNS, so to speak).
    """

    home: Path
    java_home: Path
    endpoint: str
    network: Mapping[str, str]

    @property
    def python(self) -> Path:
        """The job's Python."""
        return self.home / "bin" / "python"

    @property
    def spark_home(self) -> Path:
        """The directory of the pyspark package."""
        return next(self.home.glob("lib/python3*/site-packages/pyspark"))

    @property
    def java(self) -> Path:
        """The java command."""
        return self.java_home / "bin" / "java"

    @property
    def class_path(self) -> str:
        """Spark's jars and the S3 file system."""
        return os.pathsep.join([str(built.file_system_jar(self.home)), f"{self.spark_home / 'jars'}/*"])

    def _module_options(self) -> list[str]:
        """Return what Spark 4 asks for, which the packaged Java lacks (docs/decisions/glue-version.md)."""
        spark_4 = any(self.home.glob("lib/python3*/site-packages/pyspark-4*"))
        return ["--add-modules=jdk.incubator.vector"] if spark_4 else []

    def archive_options(self) -> list[str]:
        """Return the JVM options that load Spark's classes from an archive, where one was made."""
        archive = built.class_archive(self.home, self.java)
        return [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []

    def command(
        self,
        *,
        script: Path,
        modules: list[Path],
        settings: Mapping[str, str],
        arguments: list[str],
        temp: Path,
    ) -> list[str]:
        """Return what spark-submit would execute; spark-submit itself starts a JVM to find that out."""
        opened = [f"--add-opens={package}=ALL-UNNAMED" for package in _OPEN_PACKAGES]
        endpoint = {"spark.hadoop.fs.s3.local.endpoint": self.endpoint}
        all_settings = {**_SETTINGS, **endpoint, **settings}
        conf = [word for key, value in all_settings.items() for word in ("--conf", f"{key}={value}")]
        py_files = ["--py-files", ",".join(map(str, modules))] if modules else []
        return [
            str(self.java),
            *JVM_OPTIONS, *self._module_options(), *self.archive_options(),
            f"-Xmx{all_settings['spark.driver.memory']}",
            f"-Djava.io.tmpdir={temp}", *opened,
            "-cp", self.class_path,
            "org.apache.spark.deploy.SparkSubmit",
            *conf, *py_files, str(script), *arguments,
        ]  # fmt: skip

    def environment(self, *, temp: Path, region: str = REGION) -> dict[str, str]:
        """Return all that a job finds in its environment: what its service gives, the way to this cloud."""
        python = str(self.python)
        return {
            "PATH": os.pathsep.join([str(self.python.parent), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(temp),
            "TMPDIR": str(temp),
            "LANG": "C.UTF-8",
            "JAVA_HOME": str(self.java_home),
            "SPARK_HOME": str(self.spark_home),
            "SPARK_LOCAL_DIRS": str(temp),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": python,
            "PYSPARK_DRIVER_PYTHON": python,
            "PYTHONUNBUFFERED": "1",  # the log shows a line when it is printed
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.network,
        }
