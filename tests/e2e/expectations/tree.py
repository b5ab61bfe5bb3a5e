# SPDX-License-Identifier: Apache-2.0
"""The trace of a run that succeeded: one tree, from the upload to the Spark stages."""

from __future__ import annotations

from typing import Any

from tests.e2e.documents import TraceDocuments
from tests.e2e.expectations.rows import Rows
from tests.e2e.expectations.same import same, words
from trace_viewer import Trace, render_html

CLEAN_STEPS = [
    "Read Data", "Drop Columns", "Remove Duplicates", "Fill Null Values", "Convert Currency",
    "Fix Skewness", "Correct Review Dates", "Write Data",
]  # fmt: skip
PROCESS_STEPS = [
    "Read Data", "Calculate Cost Per Night", "Calculate Minimum Total Spend",
    "Rank by Cost Per Night in Neighborhood", "Rank by Cost Per Night Overall",
    "Rank by Number of Reviews", "Calculate Total Properties", "Create Property Rank Columns",
    "Summarize Neighborhoods", "Write Data",
]  # fmt: skip
DOCUMENT_BYTES = 64 * 1024  # X-Ray's limit of one document
TRACE_BYTES = 100 * 1024  # what X-Ray guarantees with Step Functions


def is_one_tree(trace: TraceDocuments) -> str:
    """Hold that the function is the one root, and that every parent is there."""
    same("roots", [root.get("origin") for root in trace.roots()], ["AWS::Lambda"])
    same("segments without their parent", trace.orphans(), [])
    open_ends = [document["name"] for document in trace.by_id.values() if document.get("in_progress")]
    same("segments in progress", open_ends, [])
    return f"1 root, {len(trace.segments)} segments, {len(trace.by_id)} spans, no orphan"


def jobs_are_below_their_states(trace: TraceDocuments) -> str:
    """Hold that each Glue job is below its state, and found its parent by the step's name."""
    (machine,) = trace.with_origin("AWS::StepFunctions::StateMachine")
    jobs = trace.glue_jobs()
    same("Glue jobs", len(jobs), 2)
    for job, state in zip(jobs, ["Clean Data", "Process Data"], strict=True):
        ancestors = list(trace.ancestors(job))
        names = [ancestor["name"] for ancestor in ancestors]
        assert state in names, f"{job['name']} is below {names}, not {state}"
        assert machine in ancestors, f"{job['name']} is not below the state machine"
        same("source of the parent", job["metadata"]["default"]["xray.parent.source"], "step")
    return " and ".join(job["name"] for job in jobs)


def steps_are_in_order(trace: TraceDocuments) -> str:
    """Hold that each step of both jobs is there once."""
    for job, expected in zip(trace.glue_jobs(), [CLEAN_STEPS, PROCESS_STEPS], strict=True):
        steps = [child for child in trace.children(job) if child["name"] in expected]
        steps.sort(key=lambda step: float(step["start_time"]))
        same(f"steps of {job['name']}", [step["name"] for step in steps], expected)
    return f"{len(CLEAN_STEPS)} and {len(PROCESS_STEPS)} steps"


def stages_are_below_their_step(trace: TraceDocuments) -> str:
    """Hold that the step that wrote has Spark stages below it, within the job's time."""
    clean, _ = trace.glue_jobs()
    (write,) = [child for child in trace.children(clean) if child["name"] == "Write Data"]
    stages = [
        span for span in trace.below(write) if "spark.stage.id" in span.get("metadata", {}).get("default", {})
    ]
    assert stages, "no Spark stage is below Write Data"
    for stage in stages:
        times = clean["start_time"], stage["start_time"], stage["end_time"], clean["end_time"]
        same("order of job and stage", times, tuple(sorted(times)))
    return f"{words(len(stages), 'stage')} below Write Data"


def annotations_find_the_run(trace: TraceDocuments, dataset: str, run_id: str, rows: Rows) -> str:
    """Hold the annotations by which the console finds a run."""
    clean, process = trace.glue_jobs()
    for job in (clean, process):
        same("annotation dataset", job["annotations"]["dataset"], dataset)
        same("annotation run_id", job["annotations"]["run_id"], run_id)
    counts = {name: clean["annotations"][f"rows_{name}"] for name in ("read", "clean", "rejected")}
    same("rows", counts, {"read": rows.read, "clean": rows.clean, "rejected": rows.all_rejected})
    return f"dataset = {dataset}, run_id, {rows.read} rows read"


def stays_inside_the_limits(trace: dict[str, Any]) -> str:
    """Hold the sizes of the documents against what X-Ray takes."""
    sizes = [len(item["Document"].encode()) for item in trace["Segments"]]
    assert max(sizes) <= DOCUMENT_BYTES, f"a document has {max(sizes)} bytes"
    assert sum(sizes) <= TRACE_BYTES, f"the documents have {sum(sizes)} bytes"
    return f"{sum(sizes)} bytes, the largest document {max(sizes)}"


def page_needs_no_network(html: str) -> str:
    """Hold that a page is small, and whole by itself."""
    assert len(html) < 300_000, f"the page has {len(html)} characters"
    for reference in ('src="http', 'href="http'):
        assert reference not in html, f"the page has {reference}"
    return f"{len(html)} characters"


def page_of(trace: Trace) -> str:
    """Hold the page of a trace against `page_needs_no_network`."""
    return page_needs_no_network(render_html(trace))
