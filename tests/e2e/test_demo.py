# SPDX-License-Identifier: Apache-2.0
"""The main job from nothing to nothing: what `make demo` runs, on a data set checked by hand.

The real OpenTelemetry collector is in the place that Fargate gives it, where it was built; the local cloud's
own one is in all other tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pyarrow.dataset as ds
import pytest

from collector.build import binary
from demo.paths import OUTPUT, ROOT
from tests.e2e import listings
from tests.e2e.documents import TraceDocuments
from tests.e2e.expectations import tree
from tests.e2e.expectations.rows import Rows
from tests.e2e.live_page import Visitor

pytestmark = pytest.mark.e2e

ROWS = Rows(listings.ROWS_READ, listings.ROWS_CLEAN, listings.ROWS_DUPLICATE, listings.REJECTED_BY_REASON)


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of the demonstration and of all that it starts."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of the local cloud."""
    return tmp_path_factory.mktemp("log") / "cloud.log"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory, temporary: Path, log: Path) -> Visitor:
    """Run the demonstration once, and look at its live page meanwhile."""
    dataset = listings.write_listings(tmp_path_factory.mktemp("data") / "listings.csv")
    collector = ["--real-collector"] if binary().exists() else []
    cloud = [sys.executable, "-m", "local_cloud", "run", *collector, "--log", str(log), "--"]
    with subprocess.Popen(
        [*cloud, sys.executable, "-u", "-m", "demo", "--dataset", str(dataset)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        visitor = Visitor(process)
        assert visitor.finish(500) == 0, visitor.printed
    return visitor


@pytest.fixture(scope="module")
def summary(visitor: Visitor) -> dict[str, Any]:
    """What the demonstration has written of its run."""
    assert visitor.printed
    report: dict[str, Any] = json.loads((OUTPUT / "summary.json").read_text())
    return report


@pytest.fixture(scope="module")
def trace(summary: dict[str, Any]) -> TraceDocuments:
    return TraceDocuments(json.loads((OUTPUT / "trace.json").read_text()))


def test_the_trace_could_be_seen_growing(visitor: Visitor) -> None:
    assert len(visitor.addresses) == 1
    running = [page for page in visitor.pages if "… Running</span>" in page]
    for job in ("clean-job", "process-job"):
        assert [page for page in running if f">{job}</b>\n    <progress" in page]
    assert ">OK</span>" in visitor.pages[-1]
    with pytest.raises(URLError):  # it ended with the demonstration
        urllib.request.urlopen(visitor.addresses[0], timeout=5)  # noqa: S310 - this machine


def test_summary_counts_every_row_once(summary: dict[str, Any]) -> None:
    assert summary["execution_status"] == "SUCCEEDED"
    assert summary["rows_read"] == listings.ROWS_READ
    assert summary["rows_clean"] == listings.ROWS_CLEAN
    assert summary["rows_duplicate"] == listings.ROWS_DUPLICATE
    assert summary["rows_rejected"] == sum(listings.REJECTED_BY_REASON.values())
    assert summary["rejected_by_reason"] == listings.REJECTED_BY_REASON


def test_nothing_is_left_behind(summary: dict[str, Any]) -> None:
    assert summary["resources_deployed"] > 20
    assert summary["leftovers"] == []


def test_nothing_stays_in_the_temporary_folder(visitor: Visitor, temporary: Path) -> None:
    assert visitor.printed
    assert list(temporary.iterdir()) == []


def test_data_lands_where_the_contract_says(summary: dict[str, Any]) -> None:
    run_id = summary["execution_arn"].rsplit(":", 1)[1]
    processed = OUTPUT / "s3" / "processed" / "listings" / f"run_id={run_id}"
    ranked = ds.dataset(processed / "listings", format="parquet").to_table().to_pylist()
    groups = ds.dataset(processed / "neighbourhoods", format="parquet").to_table().to_pylist()
    assert {row["id"]: row["exp_rank_overall"] for row in ranked} == {1: 1, 2: 1, 3: 2, 4: 1, 10: 1}
    assert {row["prop_rank_exp"] for row in ranked} == {"1/5", "2/5"}
    assert [(row["neighbourhood_group"], row["listings"]) for row in groups] == [("Brooklyn", 5)]


def test_the_trace_is_one_tree(trace: TraceDocuments) -> None:
    tree.is_one_tree(trace)


def test_both_jobs_sent_all_through_the_real_collector(visitor: Visitor, log: Path) -> None:
    if not binary().exists():
        pytest.skip(f"there is no collector at {binary()}: run `make collector` (needs Go)")
    assert visitor.printed
    lines = log.read_text(encoding="utf-8").splitlines()
    for path in ("/v1/traces", "/v1/metrics"):
        assert len([line for line in lines if f"the real one answered 200 to {path}" in line]) >= 2
    assert not [line for line in lines if "the real one gave no answer" in line]


def test_glue_jobs_hang_below_their_step_functions_states(trace: TraceDocuments) -> None:
    tree.jobs_are_below_their_states(trace)


def test_each_step_is_there_once_in_order(trace: TraceDocuments) -> None:
    tree.steps_are_in_order(trace)


def test_spark_stages_are_below_the_step_that_ran_them(trace: TraceDocuments) -> None:
    tree.stages_are_below_their_step(trace)


def test_annotations_find_the_run(trace: TraceDocuments, summary: dict[str, Any]) -> None:
    run_id = summary["execution_arn"].rsplit(":", 1)[1]
    tree.annotations_find_the_run(trace, "listings", run_id, ROWS)


def test_the_trace_stays_inside_what_xray_guarantees() -> None:
    tree.stays_inside_the_limits(json.loads((OUTPUT / "trace.json").read_text()))


def test_every_span_fits(trace: TraceDocuments) -> None:
    """Nothing is said of telemetry that was cut: the demo's own trace is whole."""
    left_out = [job["metadata"]["default"].get("xray.spans.dropped") for job in trace.glue_jobs()]
    assert left_out == [0, 0]


def test_the_page_needs_no_network() -> None:
    tree.page_needs_no_network((OUTPUT / "trace.html").read_text(encoding="utf-8"))
