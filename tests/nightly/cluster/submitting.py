# SPDX-License-Identifier: Apache-2.0
"""The jobs and the examples, submitted one after the other; they read and write the local cloud's S3."""

from __future__ import annotations

import io
import json
import secrets
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq

from local_cloud import LocalCloud
from local_cloud.environment import credentials, default_glue_home
from local_cloud.services.spark import SparkRuntime, java_home
from local_cloud.services.spark.built import file_system_jar
from stacks.packages import glue_library_zip
from tests.e2e.listings import write_listings
from tests.spark.xray_helper.environment import ROOT
from tests.spark.xray_helper.standalone import QUICK
from trace_viewer import fetch_trace

MORE_ROWS = 400  # clean ones, so that each executor has some
TIMEOUT_S = 400
_EXAMPLES = ROOT / "docs" / "examples"
_ORDERS = "customer,amount\nada,2\nbo,5\nada,3\n"


@dataclass
class Submitted:
    """What the programs of one master left: files in the bucket, documents in one trace."""

    bucket: str
    trace_id: str = field(
        default_factory=lambda: f"1-{int(time.time()):08x}-{secrets.token_hex(12)}", init=False
    )

    def rows(self, place: str) -> list[str]:
        """Read the rows of an output, JSON or Parquet, in an order of their own."""
        s3 = boto3.client("s3")
        found = s3.list_objects_v2(Bucket=self.bucket, Prefix=f"{place}/part-")["Contents"]
        parts = {
            item["Key"]: s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read() for item in found
        }
        return sorted(row for key, content in parts.items() for row in _rows(key, content))

    def documents(self) -> list[dict[str, Any]]:
        """Return the segment documents of the trace."""
        return [json.loads(document) for _, document in fetch_trace(self.trace_id).segments]


def _rows(key: str, content: bytes) -> list[str]:
    if key.endswith(".parquet"):
        return [repr(row) for row in pq.read_table(io.BytesIO(content)).to_pylist()]
    return content.decode().splitlines()


def submit_all(cloud: LocalCloud, folder: Path, bucket: str, settings: dict[str, str]) -> Submitted:
    """Run every program once, as spark-submit does, in a trace of their own."""
    folder.mkdir()
    s3, left = boto3.client("s3"), Submitted(bucket)
    s3.create_bucket(Bucket=bucket)
    more = [{"id": str(100 + n), "host name": f"Host {n}", "host id": str(n)} for n in range(MORE_ROWS)]
    s3.upload_file(str(write_listings(folder / "listings.csv", more)), bucket, "in/listings.csv")
    s3.put_object(Bucket=bucket, Key="in/orders.csv", Body=_ORDERS)
    at = f"s3://{bucket}"
    clean = ["--clean_uri", f"{at}/clean/"]
    programs = {
        ROOT / "glue_jobs" / "clean_job.py": [
            *("--input_uri", f"{at}/in/listings.csv", "--rejected_uri", f"{at}/rejected/"), *clean,
        ],
        ROOT / "glue_jobs" / "process_job.py": [*clean, "--processed_uri", f"{at}/processed/"],
        ROOT / "with_airflow" / "emr_jobs" / "report_job.py": [
            *("--listings_uri", f"{at}/processed/listings", "--report_uri", f"{at}/report/"),
        ],
        _EXAMPLES / "orders_job.py": [f"{at}/in/orders.csv", f"{at}/totals"],
        _EXAMPLES / "functions_job.py": [f"{at}/in/orders.csv", f"{at}/euro"],
    }  # fmt: skip
    runtime = SparkRuntime(
        home=default_glue_home(), java_home=java_home(), endpoint=cloud.endpoint, network={}
    )
    header = ["--trace_header", f"Root={left.trace_id};Parent=53995c3f42cd8ad8;Sampled=1"]
    for script, arguments in programs.items():
        _submit(runtime, folder, script, settings, [*arguments, *header])
    return left


def on_cluster(master: str) -> dict[str, str]:
    """Return the settings of a program that runs on a cluster: one core on each of two hosts."""
    return {
        "spark.master": master,
        "spark.cores.max": "2",
        "spark.executor.cores": "1",
        "spark.executor.memory": "512m",
        "spark.executor.extraJavaOptions": QUICK,
        "spark.executor.extraClassPath": str(file_system_jar(default_glue_home())),
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.authenticate": "false",  # its secret would have to be the cluster's
    }


def _submit(
    runtime: SparkRuntime, folder: Path, script: Path, settings: dict[str, str], arguments: list[str]
) -> None:
    command = runtime.command(
        script=script,
        modules=[glue_library_zip()],
        settings=settings | {"spark.sql.warehouse.dir": (folder / "warehouse").as_uri()},
        arguments=arguments,
        temp=folder,
    )
    token = boto3.Session().get_credentials().token
    done = subprocess.run(
        command,
        env=runtime.environment(temp=folder) | credentials(token),
        cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S,
    )  # fmt: skip
    assert done.returncode == 0, f"{script.name} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
