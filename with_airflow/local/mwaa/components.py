# SPDX-License-Identifier: Apache-2.0
"""Airflow's processes: API server, scheduler with its executor, DAG processor, triggerer."""

from __future__ import annotations

import json
import logging
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_cloud.process_group import kill_group, stop_group
from local_cloud.services.logs.streams import LogStream
from with_airflow.local.mwaa.web_server import WebServer

_log = logging.getLogger(__name__)
_READY_TIMEOUT_S = 300.0  # a start takes 15 s of two cores that have nothing else to do
_CHECK_INTERVAL_S = 0.3
_STOP_GRACE_S = 5.0
_LAST_CHARACTERS = 1500  # of a component's output, when it ended

# Name -> arguments, and the log of LoggingConfiguration that it is in
_COMPONENTS = {
    "WebServer": (["api-server"], "WebserverLogs"),
    "Scheduler": (["scheduler", "--skip-serve-logs"], "SchedulerLogs"),
    "DAGProcessing": (["dag-processor"], "DagProcessingLogs"),
    "Worker": (["triggerer", "--skip-serve-logs"], "WorkerLogs"),  # MWAA's workers run the triggerer too
}
_HEALTHY = ("metadatabase", "scheduler", "triggerer", "dag_processor")


class ComponentsError(Exception):
    """A component ended or was not ready in time; the text says which and shows its last lines."""


class Components:
    """The processes of one environment.

    Parameters
    ----------
    python
        Python of the Airflow installation.
    record
        The environment as GetEnvironment shows it.
    variables
        The whole environment of the processes.
    directory
        ``AIRFLOW_HOME``.
    """

    def __init__(
        self, *, python: Path, record: Mapping[str, Any], variables: Mapping[str, str], directory: Path
    ) -> None:
        self._python = python
        self._record = record
        self._variables = dict(variables)
        self._directory = directory
        self._processes: dict[str, tuple[subprocess.Popen[bytes], LogStream]] = {}

    def start(self, web_server: WebServer) -> None:
        """Start all, and log in when Airflow says that they are healthy.

        Raises
        ------
        ComponentsError
            One of them ended, or is not healthy in time.
        """
        for name, (arguments, log) in _COMPONENTS.items():
            process = subprocess.Popen(
                [str(self._python), "-m", "airflow", *arguments],
                cwd=self._directory,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            assert process.stdout  # noqa: S101 - it is a pipe
            self._processes[name] = process, LogStream(pipe=process.stdout, place=self._place(name, log))
        self._wait(f"{web_server.url}/api/v2/monitor/health")
        web_server.log_in()

    def stop(self) -> None:
        """End the scheduler first: it sends the spans that are under way."""
        for name in ("Scheduler", "Worker", "DAGProcessing", "WebServer"):
            if name in self._processes:
                stop_group(self._processes[name][0], grace_s=_STOP_GRACE_S)

    def kill(self) -> None:
        """End all at once."""
        for process, _ in self._processes.values():
            kill_group(process.pid)
        for process, _ in self._processes.values():
            process.wait()

    def _place(self, name: str, log: str) -> tuple[str, str] | None:
        """Log group and stream of a component, where the environment wants its log."""
        if not ((self._record.get("LoggingConfiguration") or {}).get(log) or {}).get("Enabled"):
            return None
        return f"airflow-{self._record['Name']}-{name}", name.lower()

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline:
            for name, (process, stream) in self._processes.items():
                if process.poll() is not None:
                    output = stream.text()[-_LAST_CHARACTERS:]
                    raise ComponentsError(f"Airflow's {name} ended with code {process.returncode}: {output}")
            if _is_healthy(url):
                return
            time.sleep(_CHECK_INTERVAL_S)
        raise ComponentsError(f"Airflow was not healthy within {_READY_TIMEOUT_S:.0f} s.")


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            health = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return False
    return all(health[part]["status"] == "healthy" for part in _HEALTHY)
