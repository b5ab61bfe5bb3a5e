# SPDX-License-Identifier: Apache-2.0
"""``-c glue_version=6.0``: both jobs on the Spark of Glue 6.0, from the upload to the trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from local_cloud import LocalCloud
from tests.e2e import listings
from tests.e2e.conftest import Deployment, deploy
from tests.nightly.matrix.versions import VERSIONS, find_java

SPARK_4 = VERSIONS[-1]
HOME = SPARK_4.python.parent.parent
JAVA = find_java(SPARK_4) if SPARK_4.python.exists() else None

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        JAVA is None, reason="needs make .tools/spark-4.1/.installed, and a Java 17 of the machine"
    ),
]


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setenv("LOCAL_CLOUD_JAVA_HOME", str(JAVA))
    with LocalCloud(glue_home=HOME) as cloud:
        yield deploy(cloud, tmp_path / "build", monkeypatch, glue_version="6.0")


def test_both_jobs_run_end_to_end(deployment: Deployment, tmp_path: Path) -> None:
    dataset = listings.write_listings(tmp_path / "listings.csv")
    execution = deployment.finish(deployment.start(dataset))
    assert execution.status == "SUCCEEDED"
    trace = deployment.trace(execution)
    assert trace.orphans() == []
    assert len(trace.glue_jobs()) == 2
    rows = 0
    for key in deployment.keys("clean/"):
        if key.endswith(".parquet"):
            deployment.s3.download_file(deployment.bucket, key, str(tmp_path / Path(key).name))
            rows += ds.dataset(tmp_path / Path(key).name).count_rows()
    assert rows == listings.ROWS_CLEAN
