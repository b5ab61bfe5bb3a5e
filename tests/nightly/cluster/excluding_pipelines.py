# SPDX-License-Identifier: Apache-2.0
"""A host on which everything fails."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.spark.xray_helper.scenery import Scene, pipeline
from tests.spark.xray_helper.standalone import HOSTS, jvm_above
from xray_helper import Job


@pipeline(in_python=True)
def excluded_executor(job: Job, scene: Scene) -> None:
    """Everything fails on one of two hosts."""

    def work(partition: int) -> None:
        command = Path(f"/proc/{jvm_above(os.getpid())}/cmdline").read_bytes().split(b"\0")
        if command[command.index(b"--hostname") + 1] == HOSTS[0].encode():
            raise OSError("the disk of this host is broken")
        time.sleep(0.3)

    with job.step("Excluded"):
        scene.run_tasks(work)
