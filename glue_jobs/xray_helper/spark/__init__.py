# SPDX-License-Identifier: Apache-2.0
"""What Spark really did, read from its own records: no JAR, no agent, no extra job, no setting.

The rooms; each imports from those below it only::

    session                             one traced job in one SparkContext; composes the others
    lineage                             what became of a lazy step; optional
    spans  row_counts  python_functions
    status_store                        Spark's records, and what is new among them

Nothing here is imported before the job itself has imported PySpark.
"""

from __future__ import annotations

from xray_helper.observers import Observation
from xray_helper.spark.session.observer import SparkObserver

__all__ = ["SparkObserver", "observer"]


def observer(observation: Observation) -> SparkObserver:
    """Return the observer of one job's steps; imported only once the job uses PySpark."""
    return SparkObserver(observation)
