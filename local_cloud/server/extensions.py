# SPDX-License-Identifier: Apache-2.0
"""What this package adds to ministack, in the order in which it must be added."""

from __future__ import annotations

import contextlib
from pathlib import Path

from local_cloud import aws_rules, emulator, xray
from local_cloud.server import parts
from local_cloud.server.api_faults import ApiFaults
from local_cloud.services import cloudformation, functions, glue, s3, stepfunctions
from local_cloud.services.iam import permissions, resources
from local_cloud.services.logs import embedded_metrics, insights, streams
from local_cloud.services.spark import SparkRuntime, java_home


def install(*, endpoint: str, directory: Path, glue_home: Path) -> contextlib.ExitStack:
    """Install every extension; closing the result stops what they started.

    Parameters
    ----------
    endpoint
        URL of all AWS APIs.
    directory
        The cloud's temporary directory.
    glue_home
        Virtual environment with the packages of a Glue job.
    """
    closing = contextlib.ExitStack()
    cloudformation.install_on_first_use()
    s3.install()
    streams.install()
    embedded_metrics.install()
    insights.install()
    network: dict[str, str] = {}
    runtime = SparkRuntime(home=glue_home, java_home=java_home(), endpoint=endpoint, network=network)
    runs = glue.install(runtime=runtime, directory=directory)
    closing.callback(runs.close)
    stepfunctions.install(runs)
    events = functions.install(directory)
    closing.callback(events.close)
    parts.install_wanted(
        parts.Host(
            endpoint=endpoint,
            directory=directory,
            runtime=runtime,
            network=network,
            closing=closing,
        )
    )
    local_xray = xray.install()  # after the others: it watches what they do
    closing.callback(local_xray.close)
    network.update(local_xray.glue_environment)
    resources.install()
    permissions.install(emulator.app())
    aws_rules.install(runs, emulator.app())
    ApiFaults().install()
    return closing
