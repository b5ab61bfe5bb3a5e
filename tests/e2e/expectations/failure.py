# SPDX-License-Identifier: Apache-2.0
"""A run that failed: one sentence, and the same one in state machine, trace, page, logs and metrics."""

from __future__ import annotations

from typing import Any

from demo.pipeline import Execution
from tests.e2e.documents import Document, TraceDocuments
from tests.e2e.expectations.rows import page_data
from tests.e2e.expectations.same import same
from tests.e2e.runs import Runs, json_lines
from trace_viewer import Trace, render_html, render_tree


def has_a_clear_cause(execution: Execution, *words: str) -> str:
    """Hold that an execution failed, with these words in the one line of its cause."""
    same("status", execution.status, "FAILED")
    cause = execution.cause or ""
    for word in words:
        assert word in cause, f"the cause does not say {word!r}: {cause!r}"
    same("line breaks in the cause", cause.count("\n"), 0)
    return cause


def is_where_the_trace_says(trace: TraceDocuments, step: str) -> str:
    """Hold that job, step and state machine are marked, in a run that failed in its first job."""
    same("segments without their parent", trace.orphans(), [])
    (job,) = trace.glue_jobs()
    same("fault of the job", job.get("fault"), True)
    same("failed steps", [child["name"] for child in trace.children(job) if child.get("fault")], [step])
    (machine,) = trace.with_origin("AWS::StepFunctions::StateMachine")
    same("fault of the state machine", machine.get("fault"), True)
    return f"{job['name']} > {step}"


def error_lines(runs: Runs, job_name: str) -> list[dict[str, Any]]:
    """Return the lines of the level ERROR of the failed run's job, from its saved query."""
    rows = runs.query("One job of one run", job_name=job_name, correlation_id=runs.failed.trace_id)
    return [line for line in json_lines(rows) if line["level"] == "ERROR"]


def failed_step(documents: TraceDocuments) -> Document:
    """Return the step that failed, of the last job."""
    *_, job = documents.glue_jobs()
    (step,) = [child for child in documents.children(job) if child.get("fault")]
    return step


def is_the_same_everywhere(runs: Runs, trace: Trace, job_name: str, step_name: str, error_type: str) -> str:
    """Hold job, step, type and sentence of the failure against tree, page, logs, metrics and cause."""
    documents = TraceDocuments(trace.to_json())
    (heading,) = [line for line in render_tree(trace, width=200).splitlines() if "failed in" in line]
    place = f"{job_name} › {step_name}"  # noqa: RUF001 as the tree has it
    assert place in heading, f"the tree says {heading!r}, not {place!r}"
    html = render_html(trace)
    data, expected = page_data(html), failed_step(documents)
    (row,) = [row for row in data["rows"] if row["id"] == expected["id"]]
    same("the page's row", (row["name"], row["status"]), (step_name, "fault"))
    below = {span["id"] for span in documents.below(documents.by_id[row["id"]])}
    assert data["failed"] in {row["id"], *below}, f"the page leads to {data['failed']}"
    assert f"<b>{step_name}</b>" in html, f"the page does not name {step_name}"
    step, job = error_lines(runs, job_name)
    same("the step's line", (step["message"], step["step"]), ("Step failed", step_name))
    same("the job's line", job["message"], "Job failed")
    assert runs.since("job.duration", job_name=job_name, status="failed") > 0, "no duration in the metrics"
    exception = row["exceptions"][0]
    same("type on the page", exception["type"], f"transforms.errors.{error_type}")
    same("type in the logs", (step["error_type"], job["error_type"]), (error_type, error_type))
    same("sentence", {exception["message"], step["error"], job["error"]}, {step["error"]})
    assert step["error"] in (runs.failed.cause or ""), f"the cause is {runs.failed.cause!r}"
    return f"{error_type} in {step_name}"


def took_as_long_everywhere(runs: Runs, trace: Trace, job_name: str) -> str:
    """Hold the failed job's duration against page, logs and metrics."""
    *_, segment = TraceDocuments(trace.to_json()).glue_jobs()
    seconds = segment["end_time"] - segment["start_time"]
    (row,) = [row for row in page_data(render_html(trace))["rows"] if row["id"] == segment["id"]]
    logged = error_lines(runs, job_name)[-1]["seconds"]
    metric = runs.since("job.duration", job_name=job_name, status="failed")
    for what, observed in (("page", row["duration"] / 1000), ("logs", logged), ("metrics", metric)):
        assert abs(observed - seconds) <= 0.001, f"{what}: {observed} s, in the trace {seconds} s"
    return f"{seconds:.3f} s"
