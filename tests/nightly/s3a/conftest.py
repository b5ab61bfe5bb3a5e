# SPDX-License-Identifier: Apache-2.0
"""Both jobs, run once as spark-submit runs them, with S3A between them and a local S3."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud import LocalCloud
from local_cloud.environment import default_glue_home
from local_cloud.services.spark import SparkRuntime, java_home
from stacks.packages import glue_library_zip
from tests.e2e.listings import write_listings
from tests.nightly.s3a.packages import NoPackagesError, jars
from tests.nightly.s3a.settings import settings
from trace_viewer import fetch_trace

ROOT = Path(__file__).parents[3]
KEY = "input/été/new listings=1 [a].csv"  # as people name files: nothing in it may be taken for a pattern
OUTPUT = "été/new listings=1 [a]/run_id=r-1"


@dataclass(frozen=True)
class S3ARun:
    """What the two jobs left in S3 and in X-Ray."""

    s3: Any
    documents: list[dict[str, Any]]
    logs: str

    def object_keys(self) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket="data")
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket="data", Key=key)["Body"].read()
        return body


@pytest.fixture(scope="session")
def connector() -> list[Path]:
    try:
        return jars()
    except NoPackagesError as reason:
        pytest.skip(f"S3A needs packages from Maven Central: {reason}")


@pytest.fixture(scope="session")
def s3a_run(connector: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3ARun]:
    temp = tmp_path_factory.mktemp("s3a")
    with LocalCloud() as cloud, pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.environment.items():
            patch.setenv(name, value)
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="data")
        s3.upload_file(str(write_listings(temp / "listings.csv")), "data", KEY)
        trace_id = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        common = ["--trace_header", f"Root={trace_id};Parent=53995c3f42cd8ad8;Sampled=1"]
        clean = ["--clean_uri", f"s3://data/clean/{OUTPUT}/"]
        source = ["--input_uri", f"s3://data/{KEY}", "--rejected_uri", f"s3://data/rejected/{OUTPUT}/"]
        target = ["--processed_uri", f"s3://data/processed/{OUTPUT}/"]
        runtime = SparkRuntime(
            home=default_glue_home(), java_home=java_home(), endpoint=cloud.endpoint, network={}
        )
        logs = _submit(runtime, connector, temp, "clean_job.py", [*source, *clean, *common])
        logs += _submit(runtime, connector, temp, "process_job.py", [*clean, *target, *common])
        segments = fetch_trace(trace_id).segments
        yield S3ARun(s3, [json.loads(document) for _, document in segments], logs)


def _submit(
    runtime: SparkRuntime, connector: list[Path], temp: Path, script: str, arguments: list[str]
) -> str:
    command = runtime.command(
        script=ROOT / "glue_jobs" / script,
        modules=[glue_library_zip()],
        settings=settings(runtime.endpoint) | {"spark.sql.warehouse.dir": (temp / "warehouse").as_uri()},
        arguments=arguments,
        temp=temp,
    )
    place = command.index("-cp") + 1
    command[place] = os.pathsep.join([*map(str, connector), f"{runtime.spark_home / 'jars'}/*"])
    command = [
        word for word in command if not word.startswith("-XX:SharedArchiveFile")
    ]  # of another class path
    done = subprocess.run(
        command, env=runtime.environment(temp=temp), cwd=temp, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, f"{script} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stderr
