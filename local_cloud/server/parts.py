# SPDX-License-Identifier: Apache-2.0
"""Optional parts: further AWS services from outside this package, loaded only when asked for.

A part is a module with a function ``install(host: Host) -> None``. Its import path names it: in
``LocalCloud(parts=["my_package.my_part"])``, ``python -m local_cloud run --part my_package.my_part`` or the
environment variable ``LOCAL_CLOUD_PARTS``, with commas between several. The server imports it before it is
ready, with the root of this repository on its path and its user's ``LOCAL_CLOUD_*`` in its environment.

Examples
--------
>>> def install(host: Host) -> None:
...     host.add_service("my-service", Api().handle_request)
...     host.add_resource_types("my_package.resource_types")  # a module with an install() of its own
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from local_cloud import emulator
from local_cloud.environment import PARTS_VARIABLE
from local_cloud.services import cloudformation
from local_cloud.services.iam import resources
from local_cloud.services.spark import SparkRuntime

Handler = Callable[..., Awaitable[emulator.Response]]


@dataclass(frozen=True, kw_only=True)
class Host:
    """What a part knows of the cloud that it is installed into.

    Attributes
    ----------
    endpoint
        URL of all AWS APIs.
    directory
        The cloud's temporary directory, gone when the cloud is.
    runtime
        The Spark installation.
    network
        Variables with which a process reaches private host names; read them when a process starts.
    closing
        What is to be stopped when the server stops.
    """

    endpoint: str
    directory: Path
    runtime: SparkRuntime
    network: Mapping[str, str]
    closing: contextlib.ExitStack

    def add_service(self, name: str, handler: Handler) -> None:
        """Answer the requests to a service that ministack does not have.

        Parameters
        ----------
        name
            The service in host names and credential scopes, for example ``emr-serverless``.
        handler
            Given method, path, headers, body and query: a response.
        """
        emulator.app().SERVICE_HANDLERS[name] = handler
        emulator.core("router").SERVICE_PATTERNS[name] = {
            "host_patterns": [rf"^{name}\."],
            "credential_scope": name,
        }

    def add_resource_types(self, module: str) -> None:
        """Import a module at the first CloudFormation request and call its ``install()``.

        It registers its types with ``local_cloud.services.cloudformation.registry.register``.
        """
        cloudformation.add(module)

    def add_iam_service(self, name: str, resource: resources.Namer) -> None:
        """Let IAM know a service: its actions, and the resource that a call is about.

        Parameters
        ----------
        resource
            Given the path of a request: the part of the ARN after account and colon; None for any (``*``).
        """
        resources.add(name, resource)


class Part(Protocol):
    """The module of a part."""

    def install(self, host: Host) -> None:
        """Install the part."""


def install_wanted(host: Host) -> None:
    """Import and install the parts that the environment names, in its order."""
    for name in filter(None, os.environ.get(PARTS_VARIABLE, "").split(",")):
        part: Part = cast("Any", importlib.import_module(name.strip()))
        part.install(host)
