# SPDX-License-Identifier: Apache-2.0
"""What Spark really did, read from its own records: no JAR, no agent, no extra job, no setting.

Nothing here is imported before the job itself has imported PySpark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xray_helper.spark.observer import SparkObserver

if TYPE_CHECKING:
    from xray_helper.job import Job

__all__ = ["SparkObserver", "observer"]


def observer(job: Job) -> SparkObserver:
    """Make the observer of one job's steps; called by ``xray_helper.observers``."""
    return SparkObserver(job)
