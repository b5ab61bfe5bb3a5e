# SPDX-License-Identifier: Apache-2.0
"""The executors of a cluster, as one of its programs sees them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from tests.spark.xray_helper.scenery import Scene
from tests.spark.xray_helper.standalone import HOSTS, jvm_above
from tests.waiting import wait_until


def executors(scene: Scene) -> list[int]:
    """Wait for one on each host, and return the processes: a barrier stage has a task on each."""
    context: Any = scene.spark.sparkContext
    wait_until(lambda: count(scene) == len(HOSTS))
    found: list[int] = (
        context.parallelize(range(len(HOSTS)), len(HOSTS)).barrier().mapPartitions(_jvm).collect()
    )
    return found


def count(scene: Scene) -> int:
    """Count those that the driver knows."""
    context: Any = scene.spark.sparkContext
    return int(context._jsc.sc().getExecutorMemoryStatus().size()) - 1  # without its own


def _jvm(_: Iterable[int]) -> Iterable[int]:
    yield jvm_above(os.getpid())
