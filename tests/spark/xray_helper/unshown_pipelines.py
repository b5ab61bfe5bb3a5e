# SPDX-License-Identifier: Apache-2.0
"""The pipelines of lazy steps once more, whose steps show no outputs: the same is true of them."""

from __future__ import annotations

from typing import Any
from unittest import mock

from tests.spark.xray_helper import lazy_pipelines
from tests.spark.xray_helper.scenery import PIPELINES, Pipeline, Scene, pipeline
from xray_helper import Job
from xray_helper.step import Step


def _register(shown: Pipeline) -> None:
    def run(job: Job, scene: Scene) -> dict[str, Any] | None:
        with mock.patch.object(Step, "output", lambda _, frame: frame):
            return shown.run(job, scene)

    run.__name__ = f"{shown.run.__name__}_unshown"
    truth = {step: f"{'!' * (step in shown.must_know)}{outcome}" for step, outcome in shown.truth.items()}
    pipeline(truth=truth, fails=shown.fails)(run)


for _one in [one for one in PIPELINES.values() if one.run.__module__ == lazy_pipelines.__name__]:
    _register(_one)
