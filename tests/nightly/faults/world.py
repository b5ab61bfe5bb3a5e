# SPDX-License-Identifier: Apache-2.0
"""The one local cloud with the one deployment that all faults share, made when the first one asks for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from demo import cdk
from local_cloud import LocalCloud
from local_cloud.control import ask

WAIT_SCALE = 0.2  # of Step Functions' retry intervals: the order of events is tested, not their length
CONTROL = "/_local_cloud/xray"
MAX_SPARK = 2  # at once, on the two cores this is meant for


class World:
    """Everything a fault may need; closing it stops the cloud.

    Parameters
    ----------
    log
        Where the cloud's log goes.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._closing = ExitStack()
        self._lock = threading.RLock()
        self._clients: dict[str, Any] = {}
        self._outputs: dict[str, str] = {}
        self._trouble = ""
        self.folder = Path(self._closing.enter_context(TemporaryDirectory(prefix="faults-")))
        self.spark = threading.BoundedSemaphore(MAX_SPARK)

    def close(self) -> None:
        self._closing.close()

    @property
    def outputs(self) -> dict[str, str]:
        """Outputs of the stack; the first caller starts the cloud and deploys, the others wait.

        Raises
        ------
        RuntimeError
            It could not be deployed; that is tried once.
        """
        with self._lock:
            if not self._outputs and not self._trouble:
                try:
                    self._outputs = self._deploy()
                except Exception as error:  # told to every fault
                    self._trouble = f"{type(error).__name__}: {error}"
            if self._trouble:
                raise RuntimeError(self._trouble)
            return self._outputs

    def client(self, service: str) -> Any:
        """A boto3 client of the cloud; clients may be shared between threads, sessions may not."""
        assert self.outputs
        with self._lock:
            if service not in self._clients:
                self._clients[service] = boto3.Session().client(service)
            return self._clients[service]

    @property
    def bucket(self) -> str:
        return self.outputs["BucketName"]

    @property
    def machine(self) -> str:
        return self.outputs["StateMachineArn"]

    def work(self, name: str) -> Path:
        """A folder of the fault's own."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def control(self, **changes: Any) -> dict[str, Any]:
        """Look at the faults of the collector and of X-Ray, or switch them."""
        assert self.outputs
        state: dict[str, Any] = ask(CONTROL, changes or None)
        return state

    @contextmanager
    def faulty(self, **changes: Any) -> Iterator[None]:
        """Switch faults on for a block."""
        self.control(**changes)
        try:
            yield
        finally:
            self.control(collector_fault=None, xray_fault=None, transaction_search=False)

    def _deploy(self) -> dict[str, str]:
        cloud = self._closing.enter_context(LocalCloud(log_path=self._log, wait_scale=WAIT_SCALE))
        os.environ.update(cloud.environment)
        build = self.work("cdk")
        application = cdk.Application(output=build, assembly=build / "cdk.out")
        application.prepare(cdk.environment_name(boto3.Session().client("sts")), lambda line: None)
        return application.deploy(lambda line: None)[cdk.STACK]
