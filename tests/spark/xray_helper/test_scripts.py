# SPDX-License-Identifier: Apache-2.0
"""Scripts without a line of tracing: their own lines are the steps; `test_truth` holds what is below."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.spark.xray_helper.event_log import EventLog
from tests.spark.xray_helper.scenery import LEFT_OUT
from tests.spark.xray_helper.script_pipelines import SCRIPTS, expected_steps, planned_lines
from tests.spark.xray_helper.traces import Span, Trace

Traces = dict[str, Trace]


@pytest.fixture(params=sorted(SCRIPTS))
def script(request: pytest.FixtureRequest) -> str:
    if (reason := LEFT_OUT.get(f"script_{request.param}")) is not None:
        pytest.skip(reason)
    return str(request.param)


def lines_of(trace: Trace) -> list[Span]:
    """Find the steps that are lines of a script."""
    return [span for span in trace.spans if span["parent"] == trace.job["id"] and ".py:" in span["name"]]


def test_the_steps_are_the_lines_with_actions_and_those_that_plan(script: str, traces: Traces) -> None:
    steps = lines_of(traces[f"script_{script}"])
    expected = {name: times for name, (times, _) in expected_steps(script).items()}
    expected |= {name: 1 for name in planned_lines(script) if name not in expected}

    assert Counter(step["name"] for step in steps) == expected
    failed = {name for name, (_, fails) in expected_steps(script).items() if fails}
    assert {step["name"] for step in steps if step["status"] == "ERROR"} == failed


def test_no_claim_about_a_line_is_wrong(script: str, traces: Traces) -> None:
    trace, truth = traces[f"script_{script}"], planned_lines(script)
    said: dict[str, str] = {}
    for step in lines_of(trace):
        if (outcome := step["attributes"].get("spark.step.outcome")) is not None:
            said[step["name"]] = outcome

    wrong = {
        name: outcome
        for name, outcome in said.items()
        if name in truth and outcome not in {truth[name].outcome, "unknown"}
    }
    assert wrong == {}
    assert {name for name, one in truth.items() if one.must_be_known and said[name] != one.outcome} == set()
    assert truth.keys() - expected_steps(script).keys() <= said.keys()
    # A line with an action of its own may have frames left over; that these ran elsewhere can be proven.
    assert {said[name] for name in said.keys() - truth.keys()} <= {"executed", "unknown"}


def test_stages_of_lines_are_stages_that_ran(script: str, traces: Traces, log: EventLog) -> None:
    trace = traces[f"script_{script}"]
    ran = {number for job in trace.spark_jobs for number, _ in log.stages_of(job)}

    named = [span["attributes"].get("spark.step.stages", []) for span in lines_of(trace)]
    assert {stage for stages in named for stage in stages} <= ran


def test_a_job_of_spark_names_the_scripts_line(traces: Traces) -> None:
    names = {span["name"].partition(": ")[2] for span in traces["script_word_count"].spark_jobs.values()}

    place = SCRIPTS["word_count"]
    assert names == {f"sortBy at {place}:8", f"collect at {place}:9"}


def test_executions_hang_below_lines(script: str, traces: Traces) -> None:
    trace = traces[f"script_{script}"]
    above = [trace.step_of(span) for span in trace.executions.values()]

    outside = [name for name in above if ".py:" not in name]
    # The comprehension counts 25 times, five times more than a line has steps.
    assert outside == ["job"] * (5 if script == "loop_over_days" else 0)


def test_a_line_that_runs_often_is_counted(traces: Traces) -> None:
    steps = [span for span in traces["script_loop_over_days"].spans if span["name"].endswith(" count")]

    calls = [step["attributes"]["code.calls"] for step in steps if "code.calls" in step["attributes"]]
    assert sorted(calls) == [2, 25]


def test_a_step_knows_its_place(traces: Traces) -> None:
    (step,) = [span for span in traces["script_main"].spans if span["name"].endswith("write.parquet")]

    attributes = step["attributes"]
    assert attributes["code.file.path"].endswith("scripts/many_files/helpers/sinks.py")
    assert (attributes["code.line.number"], attributes["code.function.name"]) == (2, "save")


def test_an_exit_code_is_the_scripts(traces: Traces) -> None:
    assert traces["script_exit_code"].facts == {"exit_code": 3}
