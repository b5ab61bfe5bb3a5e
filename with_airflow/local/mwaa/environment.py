# SPDX-License-Identifier: Apache-2.0
"""One environment: its DAGs from S3, its configuration, its processes."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_cloud.services.iam import permissions
from with_airflow.local.mwaa import database, requirements
from with_airflow.local.mwaa.components import Components, ComponentsError
from with_airflow.local.mwaa.configuration import variables
from with_airflow.local.mwaa.dags import DagFolder, DagFolderError
from with_airflow.local.mwaa.web_server import WebServer


class StartError(Exception):
    """An environment did not start; the text says why."""


class Environment:
    """The Airflow of one MWAA environment.

    Parameters
    ----------
    record
        The environment as GetEnvironment shows it.
    endpoint
        URL of the AWS APIs.
    directory
        A directory of this environment alone: ``AIRFLOW_HOME``.
    network
        Variables with which a process reaches private host names.

    Attributes
    ----------
    web_server
        As soon as it is started.
    """

    def __init__(
        self, record: Mapping[str, Any], *, endpoint: str, directory: Path, network: Mapping[str, str]
    ) -> None:
        self._record = record
        self._endpoint = endpoint
        self._directory = directory
        self._network = network
        self._dags: DagFolder | None = None
        self._components: Components | None = None
        self.web_server: WebServer | None = None

    def start(self) -> str:
        """Start; return ``host:port`` of the web server when everything of Airflow is healthy.

        Raises
        ------
        StartError
            This version is not installed, the DAGs cannot be read, or a process ended.
        """
        home = database.default_airflow_home(str(self._record["AirflowVersion"]))
        python = home / "bin" / "python"
        if not python.exists():
            raise StartError(
                f"There is no Airflow {self._record['AirflowVersion']} at {home}: run make setup-airflow."
            )
        self._directory.mkdir(parents=True, exist_ok=True)
        role = str(self._record.get("ExecutionRoleArn", ""))
        credentials = permissions.session_credentials(role, "AmazonMWAA-airflow")
        self.web_server = WebServer(_free_port())
        settings = variables(
            self._record,
            home=self._directory,
            web_server=self.web_server,
            endpoint=self._endpoint,
            credentials=credentials,
        )
        try:
            self._dags = DagFolder(self._record, self._directory, self._endpoint, credentials)
            requirements.check(self._dags.requirements(), python)
            self._dags.start()
            database.copy_to(self._directory, home=home)
            self._components = Components(
                python=python,
                record=self._record,
                variables={**settings, **self._network},
                directory=self._directory,
            )
            self._components.start(self.web_server)
        except (DagFolderError, requirements.RequirementsError, ComponentsError) as error:
            self.kill()
            raise StartError(str(error)) from error
        return f"127.0.0.1:{self.web_server.port}"

    def stop(self) -> None:
        """Let every component end, so that it sends its last spans and log lines; then remove all files."""
        if self._components:
            self._components.stop()
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        if self._dags:
            self._dags.stop()
        if self._components:
            self._components.kill()
        shutil.rmtree(self._directory, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
