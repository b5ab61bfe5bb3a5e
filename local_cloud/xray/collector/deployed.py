# SPDX-License-Identifier: Apache-2.0
"""The real collector in place of the ECS service that would run it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_cloud import emulator
from local_cloud.emulator import wrap
from local_cloud.environment import TOKEN_VARIABLE
from local_cloud.xray.collector.process import CollectorProcess, signals
from local_cloud.xray.collector.task import CONFIG_VARIABLE, variables_of_collector

_CHANGES = ("_create_service", "_update_service", "_delete_service")
_STOP_TIMEOUT = 2.0  # seconds; the whole cloud has three to stop
_log = logging.getLogger(__name__)


class DeployedCollector:
    """Runs the real collector as long as a service is deployed that has its configuration.

    Parameters
    ----------
    binary
        What ``collector/build.py`` made.
    endpoint, token
        URL of the cloud, and the session token that it wants.
    """

    def __init__(self, *, binary: Path, endpoint: str, token: str) -> None:
        self._binary = binary
        self._endpoint = endpoint
        self._token = token
        self._lock = threading.Lock()
        self._variables: dict[str, str] | None = None
        self._process: CollectorProcess | None = None
        self._signals: frozenset[str] = frozenset()

    def install(self) -> None:
        """Watch ECS."""
        ecs = emulator.service("ecs")
        for name in _CHANGES:
            wrap(ecs, name, self._around)

    def upstream(self, path: str) -> str | None:
        """Return the base URL of the running collector, if it takes what is sent to ``path``."""
        with self._lock:
            taken = self._process is not None and path.rpartition("/")[2] in self._signals
            return self._process.otlp_endpoint if taken and self._process else None

    def run(self, variables: dict[str, str] | None) -> None:
        """Run with the variables of a container, on new ports; with None, do not run.

        Raises
        ------
        CollectorError
            It did not start; the service that wanted it is not created.
        """
        with self._lock:
            if variables == self._variables:
                return
            process, self._process, self._variables = self._process, None, None
            if process is not None:
                process.stop(_STOP_TIMEOUT)
            if variables is not None:
                self._process = self._start(variables)
                self._variables = variables

    def close(self) -> None:
        """Stop it."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()  # the cloud ends: nobody waits for its spans

    def _start(self, variables: dict[str, str]) -> CollectorProcess:
        config = variables[CONFIG_VARIABLE]
        process = CollectorProcess(
            binary=self._binary,
            config=config,
            endpoint=self._endpoint,
            environment={**variables, TOKEN_VARIABLE: self._token},
            on_line=lambda line: _log.info("Collector: %s", line),
        )
        process.start()
        self._signals = signals(config)
        _log.info("Collector: the real one takes %s", ", ".join(sorted(self._signals)))
        return process

    def _around(self, original: Callable[..., Any], *arguments: Any) -> Any:
        answer = original(*arguments)
        self.run(variables_of_collector())
        return answer


def from_environment() -> DeployedCollector | None:
    """Watch ECS when the server was asked to run the real collector."""
    binary = os.environ.get("LOCAL_CLOUD_COLLECTOR")
    if not binary:
        return None
    found = DeployedCollector(
        binary=Path(binary), endpoint=os.environ["AWS_ENDPOINT_URL"], token=os.environ[TOKEN_VARIABLE]
    )
    found.install()
    return found
