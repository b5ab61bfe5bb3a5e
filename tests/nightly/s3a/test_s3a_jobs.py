# SPDX-License-Identifier: Apache-2.0
"""Both jobs over Hadoop's own S3 connector: what they write, how it is committed, and that it is traced."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.e2e import listings
from tests.integration.contract.segments import violations
from tests.nightly.s3a.conftest import KEY, OUTPUT, S3ARun

pytestmark = pytest.mark.e2e


def test_rows_are_conserved_through_s3a(s3a_run: S3ARun) -> None:
    clean = _rows(s3a_run, f"clean/{OUTPUT}/")
    assert sorted(row["id"] for row in clean) == [1, 2, 3, 4, 10]
    (rejected,) = [key for key in s3a_run.object_keys() if key.startswith(f"rejected/{OUTPUT}/part-")]
    reasons = Counter(json.loads(line)["_reason"] for line in s3a_run.read(rejected).splitlines())
    assert reasons == listings.REJECTED_BY_REASON


def test_the_second_job_read_what_the_first_one_wrote(s3a_run: S3ARun) -> None:
    ranked = _rows(s3a_run, f"processed/{OUTPUT}/listings/")
    assert {row["id"]: row["exp_rank_overall"] for row in ranked} == {1: 1, 2: 1, 3: 2, 4: 1, 10: 1}
    (group,) = _rows(s3a_run, f"processed/{OUTPUT}/neighbourhoods/")
    assert group["listings"] == listings.ROWS_CLEAN


@pytest.mark.parametrize("place", ["clean", "rejected", "processed/listings", "processed/neighbourhoods"])
def test_every_output_was_committed_by_the_magic_committer(s3a_run: S3ARun, place: str) -> None:
    # S3A's committers describe the commit in _SUCCESS; the one that renames leaves it empty
    prefix, _, part = place.partition("/")
    success = json.loads(s3a_run.read(f"{prefix}/{OUTPUT}/{part + '/' if part else ''}_SUCCESS"))
    assert success["committer"] == "magic"
    assert [name.rsplit("/", 1)[1].split("-")[0] for name in success["filenames"]] == ["part"]


def test_nothing_temporary_is_left(s3a_run: S3ARun) -> None:
    keys = s3a_run.object_keys()
    assert KEY in keys
    assert not [key for key in keys if "_temporary" in key or "__magic" in key or key.endswith("/")]
    assert "Uploads" not in s3a_run.s3.list_multipart_uploads(Bucket="data")


def test_both_jobs_are_in_the_trace_with_documents_that_xray_publishes(s3a_run: S3ARun) -> None:
    assert {document["name"] for document in s3a_run.documents} == {"clean job", "process job"}
    assert {d["name"]: violations(d) for d in s3a_run.documents if violations(d)} == {}


def _rows(run: S3ARun, prefix: str) -> list[dict[str, Any]]:
    parts = [key for key in run.object_keys() if key.startswith(f"{prefix}part-")]
    return [row for key in parts for row in pq.read_table(io.BytesIO(run.read(key))).to_pylist()]
