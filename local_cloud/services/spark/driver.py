# SPDX-License-Identifier: Apache-2.0
"""The driver process of one run: bring its files in, start it, watch it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from local_cloud.emulator import core
from local_cloud.process_group import kill_group, stop_group
from local_cloud.services.iam import permissions
from local_cloud.services.s3 import split_uri
from local_cloud.services.spark import built
from local_cloud.services.spark.runtime import SparkRuntime

_CHECK_INTERVAL = 0.05  # seconds between two polls of a process; its end itself is not waited for that long


class Ended(Enum):
    """What ended a driver."""

    BY_ITSELF = "by itself"
    STOPPED = "stopped"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What spark-submit gets, whichever service submits.

    Attributes
    ----------
    name
        Of the Spark application.
    script, modules
        ``s3://`` URIs of the script and of its ``--py-files``.
    arguments
        What the script finds in ``sys.argv[1:]``.
    settings
        ``--conf`` by name.
    role, session
        In whose name the script calls AWS: role (ARN or name), and name of the session.
    variables
        Further variables of its environment.
    import_path
        Folders that its Python looks into before its own.
    spark
        Whether it runs in Spark; without, it is a plain Python script.
    python
        The Python of a plain script; None: the one of Spark jobs.
    """

    name: str
    script: str
    modules: Sequence[str] = ()
    arguments: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    session: str
    variables: Mapping[str, str] = field(default_factory=dict)
    import_path: Sequence[Path] = ()
    spark: bool = True
    python: Path | None = None


class SparkDriver:
    """Runs one submission.

    Parameters
    ----------
    submission
        What is run.
    runtime
        The Spark installation.
    directory
        A directory of this run alone, see ``remove_files``.
    client
        A boto3 S3 client.
    """

    def __init__(
        self, submission: Submission, *, runtime: SparkRuntime, directory: Path, client: Any
    ) -> None:
        self._submission = submission
        self._runtime = runtime
        self._directory = directory
        self._temp = directory / "tmp"
        self._client = client
        self._credentials: dict[str, str] = {}
        self._import_path = list(submission.import_path)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the script; its output comes through pipes.

        Raises
        ------
        botocore.exceptions.ClientError
            The script or one of its modules cannot be read.
        """
        command = self._prepare()
        environment = self._runtime.environment(temp=self._temp, region=core("responses").get_region())
        if self._import_path:
            environment["PYTHONPATH"] = os.pathsep.join(map(str, self._import_path))
        return subprocess.Popen(
            command,
            cwd=self._temp,
            env={**environment, **self._credentials, **self._submission.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a group of its own, so that a stop reaches the driver's Python as well
        )

    def remove_files(self) -> None:
        """Remove the directory of the run."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def _prepare(self) -> list[str]:
        submission, runtime = self._submission, self._runtime
        script = self._fetch(submission.script, "job")
        modules = [self._fetch(uri, f"files/{index}") for index, uri in enumerate(submission.modules)]
        self._temp.mkdir(parents=True, exist_ok=True)
        self._credentials = permissions.session_credentials(submission.role, submission.session)
        if not submission.spark:
            self._import_path[:0] = [file.parent if file.suffix == ".py" else file for file in modules]
            return [str(submission.python or runtime.python), str(script), *submission.arguments]
        built.build_file_system(runtime.home, java=runtime.java, spark_home=runtime.spark_home)
        own = {
            "spark.app.name": submission.name,
            "spark.sql.warehouse.dir": (self._temp / "warehouse").as_uri(),
        }
        return runtime.command(
            script=script,
            modules=modules,
            settings={**own, **submission.settings},
            arguments=list(submission.arguments),
            temp=self._temp,
        )

    def _fetch(self, uri: str, folder: str) -> Path:
        """Download an object into a folder of the run, under its own file name."""
        bucket, key = split_uri(uri)
        target = self._directory / folder / key.rpartition("/")[2]
        target.parent.mkdir(parents=True, exist_ok=True)
        self._client.download_file(bucket, key, str(target))
        return target


def watch(process: subprocess.Popen[bytes], *, stop: threading.Event, timeout_s: float) -> Ended:
    """Wait for a driver, end it when it has to be, and with it all that it left running."""
    deadline = time.monotonic() + timeout_s
    ended = Ended.BY_ITSELF
    while process.poll() is None and ended is Ended.BY_ITSELF:
        if stop.is_set():
            ended = Ended.STOPPED
        elif time.monotonic() > deadline:
            ended = Ended.TIMED_OUT
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_CHECK_INTERVAL)
    if ended is not Ended.BY_ITSELF:
        stop_group(process)
    kill_group(process.pid)
    return ended
