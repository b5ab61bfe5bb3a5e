# SPDX-License-Identifier: Apache-2.0
"""The real collector as a child process: the configuration that Fargate gets, on free loopback ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

PROJECT = Path(__file__).resolve().parents[2]
CONFIG = PROJECT / "collector" / "otel-agent-config.yaml"
_LOOPBACK = "127.0.0.1:4327"
_READY = "Everything is ready"  # the service's last line of a start, at level info
_START_TIMEOUT = 20.0  # seconds
_STOP_TIMEOUT = 70.0  # seconds; Fargate gives 60


class CollectorError(Exception):
    """The collector did not start; the text has its log."""


def free_ports(count: int) -> list[int]:
    """Name ports that were free a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(held.getsockname()[1]) for held in sockets]
    for held in sockets:
        held.close()
    return ports


class RealCollector:
    """Runs ``otelcol`` between ``with`` and its end.

    Parameters
    ----------
    binary
        What ``collector/build.py`` made.
    xray_endpoint
        Where the documents go.
    config
        Text of the configuration, given as Fargate gives it: in an environment variable. Default: this
        project's.
    environment
        More variables for the process, ``GOMEMLIMIT`` for one.
    """

    def __init__(
        self,
        *,
        binary: Path,
        xray_endpoint: str,
        config: str | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._binary = binary
        http, grpc, health, loopback = free_ports(4)
        self.otlp_endpoint = f"http://127.0.0.1:{http}"
        self.health_endpoint = f"http://127.0.0.1:{health}"
        text = config or CONFIG.read_text(encoding="utf-8")
        self._environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "XRAY_ENDPOINT": xray_endpoint,
            "OTLP_HTTP_ENDPOINT": f"127.0.0.1:{http}",
            "OTLP_GRPC_ENDPOINT": f"127.0.0.1:{grpc}",
            "HEALTH_CHECK_ENDPOINT": f"127.0.0.1:{health}",
            "COLLECTOR_LOG_LEVEL": "info",
            # The port inside the container is fixed there; several collectors on one machine need one each.
            "AOT_CONFIG_CONTENT": text.replace(_LOOPBACK, f"127.0.0.1:{loopback}"),
            **(environment or {}),
        }
        self.log: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """Id of the running process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start on the same ports as before and wait until it says that it is ready."""
        ready = threading.Event()
        before = len(self.log)
        self._process = subprocess.Popen(
            [str(self._binary), "--config=env:AOT_CONFIG_CONTENT"],
            env={"PATH": os.environ["PATH"], **self._environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read_log, args=(self._process, ready), daemon=True).start()
        if not ready.wait(_START_TIMEOUT) or not any(_READY in line for line in self.log[before:]):
            self.kill()
            raise CollectorError("The collector did not start:\n" + "\n".join(self.log[-20:]))

    def stop(self) -> int:
        """Ask it to end as ECS does (SIGTERM), and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._process = None
        return status

    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _read_log(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                self.log.append(line.rstrip())
                if _READY in line:
                    ready.set()
        ready.set()  # it ended: no use in waiting on
