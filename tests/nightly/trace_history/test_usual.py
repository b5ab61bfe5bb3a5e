# SPDX-License-Identifier: Apache-2.0
"""Of 20 good runs none is marked; a run of a degraded kind is, at the right step, with its cause."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.nightly.trace_history.orders import SIZES
from tests.spark.xray_helper.environment import ROOT, spark_environment
from trace_viewer.history.runs import Run
from trace_viewer.history.sources import Selection, from_folder
from trace_viewer.history.usual import MOST, compare_with_usual
from trace_viewer.history.wording import sentences

TIMEOUT_S = 300
CAUSES = {
    "skewed": ("orders › Write Totals", "skew"),  # noqa: RUF001
    "uncached": ("orders › Write Totals", "work done again"),  # noqa: RUF001
    "halved": ("orders › Write Prices", "fewer workers"),  # noqa: RUF001
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trace files of real Spark programs, traced by the library."""
    folder = tmp_path_factory.mktemp("runs")
    command = [sys.executable, "-m", "tests.nightly.trace_history.orders", str(folder)]
    subprocess.run(command, env=spark_environment(), check=True, timeout=TIMEOUT_S, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def good(folder: Path) -> list[Run]:
    return read(folder / "good")


def read(folder: Path) -> list[Run]:
    found = from_folder(folder, Selection())
    assert found.problems == []
    return found.runs


def test_runs_are_read_as_they_ran(good: list[Run]) -> None:
    assert [run.rows for run in reversed(good)] == list(SIZES)
    assert {(run.pipeline, run.state) for run in good} == {("orders", "ok")}


def test_no_good_run_is_marked(good: list[Run]) -> None:
    for run in good:
        others = [other for other in good if other is not run]
        verdict = compare_with_usual(replace(run, start=max(other.end for other in good)), others)
        assert len(verdict.good) == MOST
        assert not verdict.is_beyond, "\n".join(sentences(verdict))


@pytest.mark.parametrize("kind", CAUSES)
def test_a_degraded_run_is_named_with_its_cause(folder: Path, good: list[Run], kind: str) -> None:
    (run,) = read(folder / kind)
    verdict = compare_with_usual(run, good)
    said = "\n".join(sentences(verdict))
    assert verdict.beyond, said
    found = [(step.step.name, step.causes[0].kind) for step in verdict.steps if step.step and step.causes]
    assert found[0] == CAUSES[kind], said
    assert {kind for _, kind in found} == {CAUSES[kind][1]}, said
