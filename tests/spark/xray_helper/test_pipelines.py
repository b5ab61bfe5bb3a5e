# SPDX-License-Identifier: Apache-2.0
"""What the traces of single pipelines must show."""

from __future__ import annotations

from pyspark import SparkContext

from tests.spark.xray_helper.all_pipelines import NAMES
from tests.spark.xray_helper.event_log import EventLog
from tests.spark.xray_helper.pipelines import SMALL_ACTIONS
from tests.spark.xray_helper.scenery import LEFT_OUT, ROWS
from tests.spark.xray_helper.traces import Trace

Traces = dict[str, Trace]


def test_there_are_enough_pipelines(traces: Traces) -> None:
    assert traces.keys() == set(NAMES)
    assert len(NAMES) >= 25
    assert {name for name, trace in traces.items() if "error" in trace.facts} == {
        "failing_job",
        "analysis_error",
        "failed_after_planning",
        "failed_after_planning_unshown",
        "changed_type",
        "broken_parquet",
        "function_below_a_join",
        "hidden_by_the_caller",
        "script_caught_and_raised",
        "script_failing_function",
    } - LEFT_OUT.keys()


def test_an_action_hangs_below_the_step_that_triggered_it(traces: Traces) -> None:
    trace = traces["write_parquet"]

    # The header of the CSV file is read when the DataFrame is made, everything else by the write.
    assert [trace.step_of(span) for span in trace.actions] == ["Read", "Write"]


def test_small_actions_in_a_row_are_all_there(traces: Traces) -> None:
    trace = traces["small_actions"]

    assert len(trace.executions) == len(trace.spark_jobs) == SMALL_ACTIONS
    assert {trace.step_of(span) for span in trace.executions.values()} == {"Many"}
    assert trace.steps["Many"]["attributes"]["spark.executions"] == SMALL_ACTIONS


def test_threads_keep_their_steps_apart(traces: Traces, log: EventLog) -> None:
    trace = traces["concurrent_steps"]

    steps = [trace.step_of(span) for span in trace.actions]
    # Each thread reads the header and writes.
    assert sorted(steps) == sorted([f"Thread {number}" for number in range(4)] * 2)


def test_threads_run_inside_the_step_that_starts_them(traces: Traces) -> None:
    trace = traces["threads_of_one_step"]

    assert [trace.step_of(span) for span in trace.actions] == ["job", "Threads", "Threads"]


def test_actions_outside_of_steps_hang_below_the_job(traces: Traces) -> None:
    trace = traces["outside_of_steps"]

    steps = [trace.step_of(span) for span in trace.actions]
    assert steps == ["job", "job", "Inside", "job"]  # the first reads the header


def test_nested_steps_get_what_is_theirs(traces: Traces) -> None:
    trace = traces["nested_steps"]

    steps = [trace.step_of(span) for span in trace.actions]
    assert steps == ["Outer", "Inner", "Outer"]
    assert trace.parent(trace.steps["Inner"]) is trace.steps["Outer"]


def test_rdd_actions_hang_directly_below_the_step(traces: Traces) -> None:
    trace = traces["rdd_actions"]
    bare = [span for span in trace.spark_jobs.values() if "spark.sql.execution.id" not in span["attributes"]]

    assert len(bare) == 2
    assert all(trace.parent(span) is trace.steps["RDD"] for span in bare)
    assert "pipelines.py" in bare[0]["name"]


def test_the_marks_of_the_user_stay_also_when_changed_inside(traces: Traces) -> None:
    trace = traces["marks_of_the_user"]

    assert trace.facts == {
        "inside": "mine",
        "group": "other",
        "description": "other words",
        "tags": [],
    }
    steps = {trace.step_of(span) for span in trace.executions.values()}
    reason = trace.job["attributes"].get("spark.tracing.reason")
    if hasattr(SparkContext, "addJobTag"):
        assert (steps, reason) == ({"Inside"}, None)
    else:  # the user's own marks replace ours, and no tag is left to tell
        assert steps == {"Inside", "job"}
        assert str(reason).startswith("No job tags before Spark 3.5")


def test_a_failed_stage_carries_the_failing_line(traces: Traces) -> None:
    trace = traces["failing_job"]
    (failed,) = (span for span in trace.stages.values() if span["status"] == "ERROR")
    (exception,) = failed["exceptions"]

    assert exception["exception.type"] == "ValueError"
    assert exception["exception.message"].startswith("no such town: t")
    assert "pipelines.py:" in exception["exception.message"]
    reason = failed["attributes"]["spark.stage.failure_reason"]
    assert reason.endswith("in broken)")
    assert exception["exception.message"].startswith(f"{reason}, at ")
    assert trace.parent(failed)["status"] == "ERROR"


def test_a_retried_stage_has_a_span_for_each_attempt(traces: Traces) -> None:
    trace = traces["lost_shuffle_files"]
    again = [span for span in trace.stages.values() if span["attributes"]["spark.stage.attempt"] == 1]

    assert again
    assert trace.job["attributes"]["spark.stages.retried"] >= 1
    assert trace.job["attributes"]["spark.stages.failed"] >= 1


def test_a_task_that_fails_once_is_counted(traces: Traces) -> None:
    (span,) = traces["task_that_fails_once"].stages.values()

    assert span["attributes"]["spark.stage.tasks.failed"] == 1
    assert span["status"] != "ERROR"


def test_an_analysis_error_is_on_the_step(traces: Traces) -> None:
    step = traces["analysis_error"].steps["Select"]

    assert step["status"] == "ERROR"
    assert "no_such_column" in step["exceptions"][0]["exception.message"]


def test_jobs_of_broadcasts_and_subqueries_say_what_they_are(traces: Traces) -> None:
    broadcast, subquery = traces["broadcast_join"], traces["subquery_of_a_write"]
    names = {span["name"].partition(": ")[2] for span in broadcast.spark_jobs.values()}
    executions = [span["name"] for _, span in sorted(subquery.executions.items(), reverse=True)]
    in_threads = [span for span in subquery.spark_jobs.values() if ": thread of" in span["name"]]

    assert "broadcast exchange" in names
    assert in_threads
    for span in in_threads:
        number = span["attributes"]["spark.sql.execution.id"]
        assert span["name"].endswith(f": thread of Spark SQL {number}")
    assert not any("ThreadLocal" in span["name"] for trace in traces.values() for span in trace.spans)
    assert [name.partition(": ")[2] for name in executions if ": " in name] == ["save", "csv"]


def test_long_executions_tell_the_operators_of_the_final_plan(traces: Traces) -> None:
    operators = [
        text
        for trace in traces.values()
        for span in trace.executions.values()
        for text in span["attributes"].get("spark.sql.plan.operators", [])
    ]

    assert any(text.startswith("WholeStageCodegen (1) duration: ") for text in operators)
    assert all(text.endswith(" ms") and len(text) < 120 for text in operators)


def test_rows_are_counted_where_they_leave_a_step(traces: Traces) -> None:
    steps = traces["measured_rows"].steps
    rows = {name: step["attributes"].get("spark.step.output.rows") for name, step in steps.items()}

    left = ROWS - 200  # price = id / 2 >= 100
    assert (rows["Read"], rows["Filter"], rows["Widen"]) == (ROWS, left, left)
    assert (rows["Keep"], rows["Join"]) == (left // 2, left // 2)
    assert rows["Never"] is None
    # The header and two writes: counting needs no execution of its own.
    assert len(traces["measured_rows"].actions) == 3


def test_a_step_that_keeps_all_rows_needs_no_marker_of_its_own(traces: Traces) -> None:
    assert traces["measured_rows"].steps["Widen"]["attributes"]["has_own_marker"] is False


def test_rows_below_a_limit_and_of_a_cache_filled_by_two_are_not_measured(traces: Traces) -> None:
    """Spark stops reading when it has enough; of a cache it computes each partition once."""
    steps = traces["rows_that_nobody_knows"].steps
    for name in ("Cut", "Store"):
        assert steps[name]["attributes"]["spark.step.measured"] == "rows"
        assert "spark.step.output.rows" not in steps[name]["attributes"]


def test_the_marker_of_another_job_is_not_taken_for_ones_own(traces: Traces) -> None:
    few = traces["rows_that_nobody_knows"].steps["Few"]
    assert few["attributes"]["spark.step.output.rows"] == 10


def test_time_forces_each_step(traces: Traces) -> None:
    trace = traces["measured_time"]

    steps = [trace.step_of(span) for span in trace.actions]
    assert steps == ["Read", "Read", "Count", "Write"]
