# SPDX-License-Identifier: Apache-2.0
"""One DAG run is one connected trace, from the run down to the Spark stages."""

from __future__ import annotations

import io
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

from tests.e2e import listings
from tests.e2e.documents import TraceDocuments
from with_airflow.tests.e2e.conftest import Run

TASKS = ["crawl", "clean", "process", "report"]


@pytest.fixture(scope="module")
def trace(good: Run) -> TraceDocuments:
    return good.trace("clean")


def _job(trace: TraceDocuments, name: str) -> dict[str, Any]:
    (found,) = [job for job in trace.glue_jobs() if job["annotations"]["job_name"] == name]
    return found


def test_every_task_ends_well(good: Run) -> None:
    assert good.tasks == dict.fromkeys(TASKS, "success")


def test_the_run_is_the_one_root_and_nothing_is_an_orphan(good: Run, trace: TraceDocuments) -> None:
    (root,) = trace.roots()
    assert root["name"] == "listings_report"
    assert trace.orphans() == []
    assert root["metadata"]["default"]["airflow.dag_run.run_id"] == good.run_id
    assert root["metadata"]["default"]["airflow.dag_run.state"] == "success"


def test_the_four_tasks_are_below_the_run(trace: TraceDocuments) -> None:
    (root,) = trace.roots()
    children = sorted(trace.children(root), key=lambda child: float(child["start_time"]))
    assert list(dict.fromkeys(child["name"] for child in children)) == TASKS
    # A deferred task has a span until it defers, and one from when it goes on.
    tries = {child["metadata"]["default"]["airflow.task.try_number"] for child in children}
    assert tries == {1}


@pytest.mark.parametrize(
    ("task", "job"), [("clean", "clean-job"), ("process", "process-job"), ("report", "report-job")]
)
def test_each_job_is_below_its_task_and_has_its_spark_stages(
    good: Run, trace: TraceDocuments, task: str, job: str
) -> None:
    segment = _job(trace, job)
    assert trace.by_id[str(trace.parent[segment["id"]])]["name"] == task
    assert segment["annotations"]["caller"] == f"listings_report.{task} {good.run_id}"
    below = trace.below(segment)
    assert [document for document in below if document["name"].startswith("Spark stage")]
    assert not segment.get("fault")


def test_the_rows_are_those_that_were_counted_by_hand(good: Run, trace: TraceDocuments) -> None:
    clean = _job(trace, "clean-job")["annotations"]
    assert (clean["rows_read"], clean["rows_clean"]) == (listings.ROWS_READ, listings.ROWS_CLEAN)
    assert _job(trace, "report-job")["annotations"]["rows_read"] == listings.ROWS_CLEAN


def test_the_report_counts_every_clean_listing(good: Run) -> None:
    """All five are in Kensington; four were reviewed on 10/19/2021, the fifth has their median."""
    deployment = good.deployment
    pages = deployment.s3.get_paginator("list_objects_v2").paginate(
        Bucket=deployment.bucket, Prefix="reports/small/run_id="
    )
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    (part,) = [key for key in keys if key.endswith(".parquet")]
    body = deployment.s3.get_object(Bucket=deployment.bucket, Key=part)["Body"].read()
    rows = pq.read_table(io.BytesIO(body)).to_pylist()
    assert [(row["neighbourhood"], str(row["month"]), row["listings"]) for row in rows] == [
        ("Kensington", "2021-10-01", listings.ROWS_CLEAN)
    ]
    # Prices of ids 1, 2, 4, 10 are 1,060 dollars, that of id 3 is 100: (4 * 1060 + 100) / 5.
    assert rows[0]["avg_price"] == 868.0
    assert rows[0]["avg_cost_per_night"] == 908.0  # 40 dollars of service fee each


def test_the_crawler_has_put_the_columns_into_the_catalog(good: Run) -> None:
    glue = boto3.client("glue")
    (database,) = [found["Name"] for found in glue.get_databases()["DatabaseList"]]
    table = glue.get_table(DatabaseName=database, Name="input")["Table"]  # named after its folder
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert list(columns) == [name.lower() for name in listings.HEADER]
    assert (columns["id"], columns["price"], columns["review rate number"]) == ("bigint", "string", "bigint")
