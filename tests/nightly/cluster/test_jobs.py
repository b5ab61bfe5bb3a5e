# SPDX-License-Identifier: Apache-2.0
"""Both Glue jobs, the EMR job and the examples on a cluster without a shared folder: data is in S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local_cloud import LocalCloud
from tests.e2e import listings
from tests.integration.contract.segments import violations
from tests.nightly.cluster.submitting import MORE_ROWS, Submitted, on_cluster, submit_all
from tests.spark.xray_helper.standalone import HOSTS, cluster

NAMES = ["clean job", "process job", "report job", "orders", "orders"]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as started, pytest.MonkeyPatch.context() as patch:
        for name, value in started.environment.items():
            patch.setenv(name, value)
        yield started


@pytest.fixture(scope="module")
def local(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Submitted:
    return submit_all(cloud, tmp_path_factory.mktemp("local") / "driver", "local", {})


@pytest.fixture(scope="module")
def there(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Submitted:
    folder = tmp_path_factory.mktemp("cluster")
    without_code = {host: {"PYTHONPATH": ""} for host in HOSTS}
    with cluster(folder / "cluster", without_code) as master:
        return submit_all(cloud, folder / "driver", "cluster", on_cluster(master))


@pytest.mark.parametrize(
    ("place", "count"),
    [
        ("clean", listings.ROWS_CLEAN + MORE_ROWS),
        ("rejected", sum(listings.REJECTED_BY_REASON.values())),
        ("processed/listings", listings.ROWS_CLEAN + MORE_ROWS),
        ("processed/neighbourhoods", listings.NEIGHBOURHOODS),
        ("report", 1),
        ("totals", 2),
        ("euro", 3),
    ],
)
def test_the_rows_are_those_of_a_local_run(
    place: str, count: int, local: Submitted, there: Submitted
) -> None:
    rows = there.rows(place)

    assert len(rows) == count
    assert rows == local.rows(place)


def test_all_of_them_are_in_one_trace(there: Submitted) -> None:
    documents = there.documents()

    assert sorted(document["name"] for document in documents) == sorted(NAMES)
    assert {d["name"]: violations(d) for d in documents if violations(d)} == {}
    assert {document["trace_id"] for document in documents} == {there.trace_id}


def test_each_ran_on_both_hosts_and_says_so(there: Submitted) -> None:
    for document in there.documents():
        lives = [one for one in _below(document) if one["name"].startswith("Spark executor ")]
        hosts = {life["metadata"]["default"]["spark.executor.host"] for life in lives}
        assert hosts == set(HOSTS), document["name"]
        assert "xray.telemetry.faults" not in document["metadata"]["default"]


def test_nothing_temporary_is_left(there: Submitted) -> None:
    found = boto3.client("s3").list_objects_v2(Bucket=there.bucket)["Contents"]

    assert not [item["Key"] for item in found if "_temporary" in item["Key"]]


def _below(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in document.get("subsegments", []):
        yield child
        yield from _below(child)
