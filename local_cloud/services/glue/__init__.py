# SPDX-License-Identifier: Apache-2.0
"""Glue jobs, crawlers, triggers and workflows that run: with what Glue gives a job, no more."""

from __future__ import annotations

from pathlib import Path

from local_cloud.services.glue import crawlers, workflows
from local_cloud.services.glue.api import GlueApi
from local_cloud.services.glue.service import GlueRuns
from local_cloud.services.spark import SparkRuntime

__all__ = ["GlueRuns", "install"]


def install(*, runtime: SparkRuntime, directory: Path) -> GlueRuns:
    """Replace ministack's Glue runs by real ones and return them.

    Parameters
    ----------
    runtime
        The Spark installation.
    directory
        The cloud's temporary directory.
    """
    runs = GlueRuns(runtime=runtime, directory=directory / "glue")
    GlueApi(runs).install()
    crawlers.install(endpoint=runtime.endpoint)
    workflows.install(runs)
    return runs
