# SPDX-License-Identifier: Apache-2.0
"""Start and stop a cloud from Python."""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from local_cloud.environment import (
    NODE,
    ROOT,
    client_environment,
    credentials,
    default_glue_home,
    link_node,
    server_environment,
    wanted_collector,
    wanted_parts,
)

SERVER = ["-m", "local_cloud.server"]  # arguments of Python
_READY_TIMEOUT = 60.0  # seconds; a start takes about two
_STOP_TIMEOUT = 15.0  # seconds; the supervisor itself gives the server three


class LocalCloudError(RuntimeError):
    """The cloud did not start, or ended before it should."""


class LocalCloud:
    """A cloud of its own: free ports, own temporary directory, all of it gone when the block ends.

    Parameters
    ----------
    log_path
        File for the cloud's log. By default the log lives and ends with the cloud.
    glue_home
        Virtual environment whose packages a Glue job sees; default: the environment variable
        ``LOCAL_CLOUD_GLUE_HOME``, else ``.tools/glue-5.1`` beside this package.
    wait_scale
        Factor for the Wait states and retry intervals of Step Functions (0 skips them).
    collector
        A real OpenTelemetry collector (``make collector``), which runs while an ECS service is deployed that
        has its configuration; default: the environment variable ``LOCAL_CLOUD_COLLECTOR``, else none.
    parts
        Import paths of optional parts (``local_cloud.server.parts``); default: the environment variable
        ``LOCAL_CLOUD_PARTS``, else none.

    Raises
    ------
    LocalCloudError
        The server ended before it was ready; the message holds the end of its log. Or there is no such
        collector.
    """

    def __init__(
        self,
        *,
        log_path: Path | None = None,
        glue_home: Path | None = None,
        wait_scale: float = 1.0,
        collector: Path | None = None,
        parts: Sequence[str] | None = None,
    ) -> None:
        self._directory: Path | None = None
        self._log_path = log_path
        self._glue_home = glue_home or default_glue_home()
        self._wait_scale = wait_scale
        self._collector = collector or wanted_collector()
        self._parts = wanted_parts() if parts is None else parts
        self._token = secrets.token_urlsafe(32)
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._ready: dict[str, Any] = {}

    @property
    def endpoint(self) -> str:
        """The URL of every AWS API, for example ``http://127.0.0.1:41234``."""
        return str(self._ready["endpoint"])

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point AWS SDKs, the CDK CLI and its Node helpers at this cloud, and let them in."""
        node = self._directory and self._directory / NODE
        return client_environment(self.endpoint, self._token, node)

    @property
    def credentials(self) -> dict[str, str]:
        """The same credentials as keywords of boto3, for a client that does not read the environment."""
        return {name.lower(): value for name, value in credentials(self._token).items()}

    @property
    def directory(self) -> Path:
        """The cloud's own directory: it goes with the cloud, even when its user is killed."""
        if self._directory is None:
            raise LocalCloudError("The local cloud has no directory yet: start it first.")
        return self._directory

    @property
    def log_path(self) -> Path:
        """The cloud's log file."""
        if self._log_path is None:
            raise LocalCloudError("The local cloud has no log yet: start it first.")
        return self._log_path

    @property
    def pid(self) -> int:
        """Process id of the supervisor, the ancestor of all processes of this cloud."""
        if self._supervisor is None:
            raise LocalCloudError("The local cloud is not running: start it first.")
        return self._supervisor.pid

    def start(self) -> LocalCloud:
        """Start the cloud and return when it answers requests."""
        if self._collector and not self._collector.exists():
            raise LocalCloudError(
                f"There is no collector at {self._collector}; build it with `make collector` (needs Go), or "
                "run without a real one."
            )
        self._directory = Path(tempfile.mkdtemp(prefix="local-cloud-"))
        link_node(self._directory / NODE)
        self._log_path = self._log_path or self._directory / "cloud.log"
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        reader, writer = os.pipe()
        try:
            with self._log_path.open("wb") as log:
                self._supervisor = self._start_supervisor(self._directory, writer, log)
        finally:
            os.close(writer)
        try:
            self._ready = self._wait_until_ready(reader)
        except BaseException:  # Ctrl-C included: nothing may stay behind
            self.stop()
            raise
        finally:
            os.close(reader)
        return self

    def stop(self) -> None:
        """Stop every process of the cloud and remove its files. Does nothing when it is not running."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            if supervisor.stdin:
                supervisor.stdin.close()  # the supervisor's signal to end everything
            try:
                supervisor.wait(_STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                supervisor.kill()
                supervisor.wait()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _start_supervisor(self, directory: Path, ready_fd: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
        python = [sys.executable, "-u"]
        server = [
            *python, *SERVER,
            "--directory", str(directory), "--ready-fd", str(ready_fd), "--glue-home", str(self._glue_home),
        ]  # fmt: skip
        return subprocess.Popen(
            [*python, "-m", "local_cloud.supervisor", str(directory), str(ready_fd), *server],
            cwd=ROOT,
            env=server_environment(
                directory,
                token=self._token,
                wait_scale=self._wait_scale,
                collector=self._collector,
                parts=self._parts,
            ),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[ready_fd],
            start_new_session=True,  # Ctrl-C goes to the user's command, which may still need the cloud
        )

    def _wait_until_ready(self, reader: int) -> dict[str, Any]:
        ready, _, _ = select.select([reader], [], [], _READY_TIMEOUT)
        line = os.read(reader, 65536) if ready else b""
        if not line:
            tail = self.log_path.read_text(errors="replace")[-2000:]
            raise LocalCloudError(f"The local cloud did not start; the end of its log says:\n{tail}")
        message: dict[str, Any] = json.loads(line)
        return message

    def __enter__(self) -> LocalCloud:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
