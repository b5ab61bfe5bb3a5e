# SPDX-License-Identifier: Apache-2.0
"""Deploy, upload, follow, show the trace, destroy, look what is left."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import boto3

from demo import cdk, inventory, pipeline, summary
from demo.clock import Stopwatch
from demo.display import console, part
from demo.errors import DemoError
from demo.live import Show, live_trace
from demo.paths import OUTPUT
from trace_viewer import Trace, TraceNotFoundError, fetch_trace, render_html, render_tree

TRACE_TIMEOUT_S = 30  # X-Ray shows a segment some seconds after it was sent


def run(dataset: Path, setup_s: float) -> bool:
    """The whole demonstration, written to ``build/demo/``; whether all of it went well."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    watch = Stopwatch()
    watch.seconds["setup"] = round(setup_s, 1)
    with watch.part("deploy"):
        before, outputs = _deploy()
    report: dict[str, Any] = {"dataset": dataset.name}
    with live_trace() as show_live:
        try:
            with watch.part("pipeline"):
                report |= _run_pipeline(dataset, outputs, show_live)
        finally:
            with watch.part("destroy"):
                leftovers = _destroy(before)
    report |= {"leftovers": leftovers, "seconds": watch.seconds}
    (OUTPUT / "summary.json").write_text(json.dumps(report, indent=2) + "\n")
    _show_end(report)
    return report["execution_status"] == "SUCCEEDED" and not leftovers


def _deploy() -> tuple[set[str], dict[str, str]]:
    with part("cdk bootstrap, cdk synth") as show:
        cdk.prepare(cdk.environment_name(boto3.client("sts")), show)
    before = inventory.take()
    with part("cdk deploy") as show:
        return before, cdk.deploy(show)


def _run_pipeline(dataset: Path, outputs: dict[str, str], show_live: Show) -> dict[str, Any]:
    s3, sfn = boto3.client("s3"), boto3.client("stepfunctions")
    deployed = _count_resources()
    with part(f"upload {dataset.name}, run the pipeline") as show:
        version = pipeline.upload(s3, dataset, outputs["BucketName"])
        show("uploaded; waiting for the execution")
        arn = pipeline.find_execution(sfn, outputs["StateMachineArn"], version, f"input/{dataset.name}")
        show_live(pipeline.trace_id(sfn, arn))
        execution = pipeline.follow(sfn, arn, show)
    with part("fetch the trace, copy the data"):
        trace = _fetch_complete_trace(execution.trace_id)
        summary.copy_bucket(s3, outputs["BucketName"], OUTPUT / "s3")
        (OUTPUT / "trace.json").write_text(json.dumps(trace.to_json(), indent=1) + "\n")
        (OUTPUT / "trace.html").write_text(render_html(trace), encoding="utf-8")
    print(render_tree(trace, width=console.width if console.is_terminal else None, color=console.is_terminal))
    if execution.cause:
        console.print(f"{execution.status}: {execution.cause}", style="red", markup=False)
    return {
        "trace_id": execution.trace_id,
        "execution_arn": execution.arn,
        "execution_status": execution.status,
        **({"execution_cause": execution.cause} if execution.cause else {}),
        **summary.summarize(trace.to_json(), OUTPUT / "s3"),
        "resources_deployed": deployed,
    }


def _fetch_complete_trace(trace_id: str) -> Trace:
    """The trace, once no segment of it is in progress; what is there at the deadline otherwise."""
    deadline = time.monotonic() + TRACE_TIMEOUT_S
    while True:
        late = time.monotonic() > deadline
        try:
            trace = fetch_trace(trace_id)
            documents = [json.loads(document) for _, document in trace.segments]
            if late or not any(document.get("in_progress") for document in documents):
                return trace
        except TraceNotFoundError as error:
            if late:
                raise DemoError(str(error)) from error
        time.sleep(pipeline.POLL_S)


def _count_resources() -> int:
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=cdk.STACK)
    return sum(len(page["StackResourceSummaries"]) for page in pages)


def _destroy(before: set[str]) -> list[str]:
    with part("cdk destroy") as show:
        cdk.destroy(show)
    return sorted(inventory.take() - before)


def _show_end(report: dict[str, Any]) -> None:
    seconds = ", ".join(f"{name} {value:.0f} s" for name, value in report["seconds"].items())
    console.print(f"{report['execution_status']}: {report['rows_read']} rows read, {seconds}")
    console.print(f"left behind: {', '.join(report['leftovers']) or 'nothing'}")
    console.print(f"the trace as a page: {OUTPUT / 'trace.html'}")
