# SPDX-License-Identifier: Apache-2.0
"""docs/examples/attach_dag.py, run as it stands: its Glue job is in the trace and the logs of the DAG run."""

from __future__ import annotations

from pathlib import Path

import boto3

from with_airflow.tests.e2e.conftest import Deployment, Run

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "attach_dag.py"


def test_an_existing_dag_attaches_with_five_lines(deployment: Deployment, good: Run) -> None:
    text = EXAMPLE.read_text()
    assert text.count("# added") == 5
    deployment.s3.put_object(
        Bucket=deployment.outputs["DagBucketName"], Key="dags/attach_dag.py", Body=text.encode()
    )
    (job,) = [name for name in boto3.client("glue").list_jobs()["JobNames"] if "ProcessJob" in name]
    pages = deployment.s3.get_paginator("list_objects_v2").paginate(
        Bucket=deployment.bucket, Prefix="clean/small/"
    )
    (source,) = {item["Key"].rpartition("/")[0] for page in pages for item in page.get("Contents", [])}
    target = f"s3://{deployment.bucket}/processed/small/run_id=attached"
    conf = {"job": job, "source": f"s3://{deployment.bucket}/{source}", "target": target}

    run = deployment.trigger("nightly", conf)

    assert run.state == "success"
    trace = run.trace("process")
    (root,) = trace.roots()
    assert (root["name"], trace.orphans()) == ("nightly", [])
    (segment,) = trace.glue_jobs()
    assert trace.by_id[str(trace.parent[segment["id"]])]["name"] == "process"
    assert segment["annotations"]["caller"] == f"nightly.process {run.run_id}"
    assert [line for line in deployment.lines() if f'"correlation_id": "{run.run_id}"' in line.message]
