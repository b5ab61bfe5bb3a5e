# SPDX-License-Identifier: Apache-2.0
"""The installation of X-Ray into a ministack process."""

from __future__ import annotations

import os
import secrets

from local_cloud import emulator
from local_cloud.xray.api.destination import Destination
from local_cloud.xray.api.http import XRayApi
from local_cloud.xray.api.operations import Operations
from local_cloud.xray.collector import Collector, deployed
from local_cloud.xray.control import Control
from local_cloud.xray.daemon import Daemon
from local_cloud.xray.faults import XRAY_MODES, FaultSwitch
from local_cloud.xray.sampling import Sampler
from local_cloud.xray.segments import lambda_service, state_machines
from local_cloud.xray.segments.context import with_http_header
from local_cloud.xray.traces.store import TraceStore


class LocalXRay:
    """What was installed.

    Attributes
    ----------
    store
        The traces.
    daemon
        The UDP listener; ``daemon.address`` is its ``host:port``.
    collector
        The OTLP receiver; ``collector.url`` is its address.
    operations
        The API's operations.
    faults
        Faults of the API.
    """

    def __init__(self) -> None:
        self.store = TraceStore()
        self.faults = FaultSwitch(modes=XRAY_MODES)
        self.operations = Operations(store=self.store, destination=Destination(store=self.store))
        self.api = XRayApi(operations=self.operations, faults=self.faults)
        self.daemon = Daemon(store=self.store)
        self._real = deployed.from_environment()
        self.collector = Collector(
            put=self.api.put_trace_segments,
            upstream=self._real.upstream if self._real else _no_upstream,
            secret=secrets.token_urlsafe(32),
        )

    @property
    def lambda_environment(self) -> dict[str, str]:
        """Variables that Lambda sets for the X-Ray SDKs."""
        return {"AWS_XRAY_DAEMON_ADDRESS": self.daemon.address, "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR"}

    @property
    def glue_environment(self) -> dict[str, str]:
        """Variables that let a process reach the DNS names of Cloud Map: a proxy for what is not local."""
        return {
            "HTTP_PROXY": self.collector.proxy,
            "http_proxy": self.collector.proxy,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def close(self) -> None:
        """Stop listening."""
        self.collector.close()
        if self._real:
            self._real.close()
        self.daemon.close()


def _no_upstream(path: str) -> None:
    """Have the stand-in answer itself."""


def install() -> LocalXRay:
    """Add X-Ray to ministack and let its Lambda and Step Functions send segments."""
    app = emulator.app()
    local = LocalXRay()
    os.environ.update(local.lambda_environment)  # Lambda workers inherit the server's environment
    emulator.add_service("xray", local.api.handle_request)
    for name in ("lambda", "states"):
        app.SERVICE_HANDLERS[name] = with_http_header(app.SERVICE_HANDLERS[name])
    sampler = Sampler()
    lambda_service.install(store=local.store, sampler=sampler)
    state_machines.install(store=local.store, sampler=sampler, handlers=app.SERVICE_HANDLERS)
    Control(
        store=local.store,
        operations=local.operations,
        faults=local.faults,
        collector=local.collector,
        daemon=local.daemon,
    ).install(app)
    return local
