# SPDX-License-Identifier: Apache-2.0
"""Scripts without a line of tracing: their own lines are the steps; `test_truth` holds what is below."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.spark.xray_helper.scenery import LEFT_OUT
from tests.spark.xray_helper.script_pipelines import SCRIPTS, expected_steps
from tests.spark.xray_helper.traces import Trace

Traces = dict[str, Trace]


@pytest.fixture(params=sorted(SCRIPTS))
def script(request: pytest.FixtureRequest) -> str:
    if (reason := LEFT_OUT.get(f"script_{request.param}")) is not None:
        pytest.skip(reason)
    return str(request.param)


def test_the_steps_are_the_lines_with_actions(script: str, traces: Traces) -> None:
    trace = traces[f"script_{script}"]
    steps = [span for span in trace.spans if span["parent"] == trace.job["id"] and ".py:" in span["name"]]
    expected = expected_steps(script)

    assert Counter(step["name"] for step in steps) == {name: times for name, (times, _) in expected.items()}
    failed = {name for name, (_, fails) in expected.items() if fails}
    assert {step["name"] for step in steps if step["status"] == "ERROR"} == failed


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
