# SPDX-License-Identifier: Apache-2.0
"""The real collector as a child process: the configuration that Fargate gets, on free loopback ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from local_cloud.xray.collector.task import CONFIG_VARIABLE

_READY = "Everything is ready"  # the service's last line of a start, at level info
_START_TIMEOUT = 20.0  # seconds; a start takes half a second
_STOP_TIMEOUT = 70.0  # seconds; Fargate gives 60


class CollectorError(Exception):
    """The collector did not start; the text has its log."""


class CollectorProcess:
    """Runs ``otelcol`` between ``with`` and its end.

    Parameters
    ----------
    binary
        What ``collector/build.py`` made.
    config
        Text of the configuration, given as Fargate gives it: in ``AOT_CONFIG_CONTENT``.
    endpoint
        URL of X-Ray and CloudWatch Logs.
    environment
        More variables for the process, ``GOMEMLIMIT`` for one; the addresses win over them.
    on_line
        Called with each line of the log.

    Attributes
    ----------
    otlp_endpoint, health_endpoint
        Where it answers; the same after a restart.
    log
        The lines of its log.
    """

    def __init__(
        self,
        *,
        binary: Path,
        config: str,
        endpoint: str,
        environment: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._command = [str(binary), f"--config=env:{CONFIG_VARIABLE}"]
        http, grpc, health = free_ports(3)
        self.otlp_endpoint = f"http://127.0.0.1:{http}"
        self.health_endpoint = f"http://127.0.0.1:{health}"
        self._environment = {
            "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            **(environment or {}),
            "XRAY_ENDPOINT": endpoint,
            "METRICS_ENDPOINT": endpoint,
            "OTLP_HTTP_ENDPOINT": f"127.0.0.1:{http}",
            "OTLP_GRPC_ENDPOINT": f"127.0.0.1:{grpc}",
            "HEALTH_CHECK_ENDPOINT": f"127.0.0.1:{health}",
            "COLLECTOR_LOG_LEVEL": "info",
            CONFIG_VARIABLE: config,
        }
        self._on_line = on_line
        self.log: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """Id of the running process."""
        assert self._process is not None  # noqa: S101 - asked for between start and stop only
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start on the same ports as before and wait until it reports that it is ready.

        Raises
        ------
        CollectorError
            It ended, or was not ready in time.
        """
        ready = threading.Event()
        before = len(self.log)
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read_log, args=(self._process, ready), daemon=True)
        self._reader.start()
        if not ready.wait(_START_TIMEOUT) or not any(_READY in line for line in self.log[before:]):
            self.kill()
            raise CollectorError("The collector did not start:\n" + "\n".join(self.log[-20:]))

    def stop(self, timeout: float = _STOP_TIMEOUT) -> int:
        """Ask it to end as ECS does (SIGTERM), and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._process = None
        return status

    def alive(self) -> bool:
        """Return whether the process still runs."""
        return self._process is not None and self._process.poll() is None

    def ended(self, seconds: float) -> bool:
        """Wait until the process has ended by itself and its log is whole; False when it still runs."""
        assert self._process is not None and self._reader is not None  # noqa: S101 - after start only
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join()
        return True

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _read_log(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        with process.stderr:
            for line in process.stderr:
                self.log.append(line.rstrip())
                self._on_line(line.rstrip())
                if _READY in line:
                    ready.set()
        ready.set()  # it ended: no use in waiting on


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(held.getsockname()[1]) for held in sockets]
    for held in sockets:
        held.close()
    return ports


def signals(config: str) -> frozenset[str]:
    """Return the kinds of telemetry that a configuration takes: ``traces``, ``metrics``, ``logs``."""
    pipelines: dict[str, Any] = yaml.safe_load(config)["service"]["pipelines"]
    return frozenset(name.split("/")[0] for name in pipelines)
