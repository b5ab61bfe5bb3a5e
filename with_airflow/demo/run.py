# SPDX-License-Identifier: Apache-2.0
"""Deploy both stacks, upload, trigger the DAG, show the trace, destroy, list leftovers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3

from demo import cdk, pipeline, standing, summary, trace
from demo.clock import Stopwatch
from demo.display import part
from demo.paths import BUILD
from with_airflow.demo import dag_run, emr
from with_airflow.demo.api import Airflow

DAG = "listings_report"
STACKS = [cdk.STACK, "AirflowStack"]
OUTPUT = BUILD / "demo-airflow"
# The DAG starts the jobs, so that an upload shall not.
CONTEXT = {"airflow": "mwaa", "start_on_upload": "disabled"}
APPLICATION = cdk.Application(output=OUTPUT, assembly=BUILD / "cdk-airflow.out", context=CONTEXT)


def run(dataset: Path, setup_s: float) -> bool:
    """Run the demonstration into ``build/demo-airflow/``; return whether all of it went well."""
    standing.clear(OUTPUT)
    watch = Stopwatch()
    watch.seconds["setup"] = round(setup_s, 1)
    with watch.part("deploy"):
        before, outputs = standing.deploy(APPLICATION)
    report: dict[str, Any] = {"dataset": dataset.name}
    try:
        with watch.part("pipeline"):
            report |= _run_dag(dataset, {**outputs[STACKS[0]], **outputs[STACKS[1]]})
    finally:
        with watch.part("destroy"):
            emr.stop_applications(boto3.client("emr-serverless"), _applications())
            leftovers = standing.destroy(APPLICATION, before)
    report["leftovers"] = leftovers
    standing.finish(report, watch, OUTPUT, status=report["dag_run_state"])
    return report["dag_run_state"] == "success" and not leftovers


def _applications() -> list[str]:
    """Return the ids of the EMR Serverless applications of the stack."""
    stack = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACKS[1])
    resources = (resource for page in stack for resource in page["StackResourceSummaries"])
    kind = "AWS::EMRServerless::Application"
    return [resource["PhysicalResourceId"] for resource in resources if resource["ResourceType"] == kind]


def _run_dag(dataset: Path, outputs: dict[str, str]) -> dict[str, Any]:
    s3, airflow = boto3.client("s3"), Airflow(boto3.client("mwaa"), outputs["EnvironmentName"])
    deployed = standing.count_resources(STACKS)
    with part(f"upload {dataset.name}, run the DAG") as show:
        pipeline.upload(s3, dataset, outputs["BucketName"])
        show("uploaded; waiting for Airflow to know the DAG")
        airflow.wait_for(DAG)
        run_id = airflow.trigger(DAG, {"key": f"input/{dataset.name}"})
        ended = dag_run.follow(airflow, DAG, run_id, show)
    with part("fetch the trace, copy the data"):
        trace_id = dag_run.find_trace(boto3.client("xray"), f"{DAG}.clean {run_id}")
        found = trace.fetch_complete(trace_id, trace.is_connected)
        summary.copy_bucket(s3, outputs["BucketName"], OUTPUT / "s3")
        trace.save(found, OUTPUT)
    trace.show(found)
    return {
        "trace_id": trace_id,
        "dag_id": DAG,
        "run_id": run_id,
        "dag_run_state": ended.state,
        "tasks": ended.tasks,
        **summary.summarize(found.to_json(), OUTPUT / "s3"),
        "resources_deployed": deployed,
    }
