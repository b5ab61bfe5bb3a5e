# SPDX-License-Identifier: Apache-2.0
"""Deploy, upload, follow, show the trace, destroy, compare what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3

from demo import cdk, deployment, pipeline, summary, trace
from demo.clock import Stopwatch
from demo.display import console, part
from demo.live import Show, live_trace
from demo.paths import BUILD, OUTPUT

APPLICATION = cdk.Application(output=OUTPUT, assembly=BUILD / "cdk.out")


def run(dataset: Path, setup_s: float) -> bool:
    """Run the whole demonstration into ``build/demo/`` and return whether all of it went well."""
    deployment.clear(OUTPUT)
    watch = Stopwatch()
    watch.seconds["setup"] = round(setup_s, 1)
    with watch.part("deploy"):
        before, outputs = deployment.deploy(APPLICATION)
    report: dict[str, Any] = {"dataset": dataset.name}
    with live_trace() as show_live:
        try:
            with watch.part("pipeline"):
                report |= _run_pipeline(dataset, outputs[cdk.STACK], show_live)
        finally:
            with watch.part("destroy"):
                leftovers = deployment.destroy(APPLICATION, before)
    report["leftovers"] = leftovers
    deployment.finish(report, watch, OUTPUT, status=report["execution_status"])
    return report["execution_status"] == "SUCCEEDED" and not leftovers


def _run_pipeline(dataset: Path, outputs: dict[str, str], show_live: Show) -> dict[str, Any]:
    s3, sfn = boto3.client("s3"), boto3.client("stepfunctions")
    deployed = deployment.count_resources([cdk.STACK])
    with part(f"upload {dataset.name}, run the pipeline") as show:
        version = pipeline.upload(s3, dataset, outputs["BucketName"])
        show("uploaded; waiting for the execution")
        arn = pipeline.find_execution(sfn, outputs["StateMachineArn"], version, f"input/{dataset.name}")
        show_live(pipeline.trace_id(sfn, arn))
        execution = pipeline.follow(sfn, arn, show)
    with part("fetch the trace, copy the data"):
        found = trace.fetch_complete(execution.trace_id)
        summary.copy_bucket(s3, outputs["BucketName"], OUTPUT / "s3")
        trace.save(found, OUTPUT)
    trace.show(found)
    if execution.cause:
        console.print(f"{execution.status}: {execution.cause}", style="red", markup=False)
    return {
        "trace_id": execution.trace_id,
        "execution_arn": execution.arn,
        "execution_status": execution.status,
        **({"execution_cause": execution.cause} if execution.cause else {}),
        **summary.summarize(found.to_json(), OUTPUT / "s3"),
        "resources_deployed": deployed,
    }
