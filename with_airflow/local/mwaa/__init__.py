# SPDX-License-Identifier: Apache-2.0
"""Amazon MWAA with a real Airflow in processes of its own, where ministack wants Docker.

The control plane (CreateEnvironment, GetEnvironment, InvokeRestApi, ...) is ministack's; what an environment
is made of is this package's. Why a real Airflow and which parts of it: docs/decisions/local-airflow.md.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_cloud.emulator import Response, json_response, service, wrap
from local_cloud.server.parts import Host
from with_airflow.local.mwaa.environment import Environment, StartError
from with_airflow.local.mwaa.web_server import USER, WebServer

__all__ = ["Environments", "install"]

_log = logging.getLogger(__name__)


class Environments:
    """The Airflow of every environment.

    Parameters
    ----------
    endpoint
        URL of the AWS APIs.
    directory
        Each environment gets a directory of its own in it.
    network
        Variables with which a process reaches private host names.
    """

    def __init__(self, *, endpoint: str, directory: Path, network: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._directory = directory
        self._network = network
        self._running: dict[str, Environment] = {}
        self._lock = threading.Lock()

    def start(self, record: dict[str, Any]) -> None:
        """Start the Airflow of an environment and record the outcome in its record."""
        environment = Environment(
            record,
            endpoint=self._endpoint,
            directory=self._directory / record["Name"],
            network=self._network,
        )
        with self._lock:
            self._running[record["Arn"]] = environment
        try:
            record["WebserverUrl"] = environment.start()
            record["Status"] = "AVAILABLE"
        except StartError as error:
            _log.error("MWAA environment %s: %s", record["Name"], error)
            record["LastUpdate"] = {
                "Status": "FAILED",
                "Error": {"ErrorCode": "INCORRECT_CONFIGURATION", "ErrorMessage": str(error)},
            }
            record["Status"] = "CREATE_FAILED"

    def stop(self, record: Mapping[str, Any]) -> None:
        """Stop it."""
        with self._lock:
            environment = self._running.pop(record["Arn"], None)
        if environment:
            environment.stop()

    def web_server(self, record: Mapping[str, Any]) -> WebServer | None:
        """Return the web server of an environment, as soon as it is started."""
        with self._lock:
            environment = self._running.get(record["Arn"])
        return environment.web_server if environment else None

    def close(self) -> None:
        """End every process of all of them at once."""
        with self._lock:
            environments, self._running = list(self._running.values()), {}
        for environment in environments:
            environment.kill()


def install(host: Host) -> None:
    """Install, as a part of a cloud, processes in place of the containers of ministack's environments."""
    environments = Environments(
        endpoint=host.endpoint, directory=host.directory / "mwaa", network=host.network
    )
    host.closing.callback(environments.close)
    host.add_resource_types(f"{__name__}.resource_type")
    mwaa = service("mwaa")
    lock = threading.Lock()

    def create(original: Any, method: str, path: str, headers: Any, body: bytes, query: Any) -> Response:
        context = contextvars.copy_context()  # holds the account and the region

        def start(account: str, region: str, name: str, record: dict[str, Any]) -> None:
            for member, value in json.loads(body).items():
                record.setdefault(member, value)  # what ministack drops
            context.run(environments.start, record)

        with lock:  # ministack looks the function up when it starts its thread
            mwaa._start_airflow_container = start
            response: Response = original(method, path, headers, body, query)
        return response

    def delete(original: Any, method: str, path: str, *rest: Any) -> Response:
        record = mwaa._environments.get(path.strip("/").split("/")[-1])
        if record:
            environments.stop(record)
        response: Response = original(method, path, *rest)
        return response

    def web_server_at(path: str) -> WebServer | None:
        record = mwaa._environments.get(path.strip("/").split("/")[-1])
        return environments.web_server(record) if record else None

    async def invoke(
        original: Any, method: str, path: str, headers: Any, body: bytes, query: Any
    ) -> Response:
        web_server = web_server_at(path)
        if web_server is None:
            response: Response = await original(method, path, headers, body, query)
            return response
        return json_response(await asyncio.to_thread(web_server.call, json.loads(body or b"{}")))

    def web_login(original: Any, method: str, path: str, *rest: Any) -> Response:
        status, headers, body = original(method, path, *rest)
        web_server = web_server_at(path)
        if web_server is None:
            return status, headers, body
        return json_response({**json.loads(body), "WebToken": web_server.password, "AirflowIdentity": USER})

    wrap(mwaa, "_invoke_rest_api", invoke)
    wrap(mwaa, "_create_web_login_token", web_login)
    wrap(mwaa, "_create_environment", create)
    wrap(mwaa, "_delete_environment", delete)
