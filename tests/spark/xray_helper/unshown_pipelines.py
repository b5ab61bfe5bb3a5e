# SPDX-License-Identifier: Apache-2.0
"""The pipelines of lazy steps once more, whose steps show no outputs: the same is true of them."""

from __future__ import annotations

from typing import Any
from unittest import mock

from tests.spark.xray_helper import lazy_pipelines
from tests.spark.xray_helper.scenery import PIPELINES, Pipeline, Scene, pipeline
from xray_helper import Job
from xray_helper.step import Step

# Without an output there is nothing to follow: nobody keeps the frame, or it was made before the step.
_NOT_KNOWN = {("output_that_nobody_used", "Hash"), ("duplicates", "Dedup")}


def _register(shown: Pipeline) -> None:
    name = shown.run.__name__

    def run(job: Job, scene: Scene) -> dict[str, Any] | None:
        with mock.patch.object(Step, "output", lambda _, frame: frame):
            return shown.run(job, scene)

    run.__name__ = f"{name}_unshown"
    truth = {
        step: f"{'!' * (step in shown.must_know)}{outcome}"
        for step, outcome in shown.truth.items()
        if (name, step) not in _NOT_KNOWN
    }
    pipeline(truth=truth, fails=shown.fails)(run)


for _one in [one for one in PIPELINES.values() if one.run.__module__ == lazy_pipelines.__name__]:
    _register(_one)
