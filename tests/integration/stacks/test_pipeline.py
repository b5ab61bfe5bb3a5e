# SPDX-License-Identifier: Apache-2.0
"""The state machine and its definition."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stacks.spark_job import TIMEOUT
from tests.integration.stacks.conftest import Synthesized

DEFINITION = json.loads((Path(__file__).parents[3] / "state_machine" / "pipeline.asl.json").read_text())
STATES = DEFINITION["States"]
JOBS = ["Clean Data", "Process Data"]


def test_it_is_standard_traced_and_logged_in_full(default: Synthesized) -> None:
    machine = default.only("AWS::StepFunctions::StateMachine")
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is True
    group = default.only("AWS::Logs::LogGroup", "PipelineLogs")
    assert group["LogGroupName"] == "/aws/vendedlogs/states/OtelSolutionStack"


def test_the_template_carries_the_file_and_fills_its_placeholders(default: Synthesized) -> None:
    machine = default.only("AWS::StepFunctions::StateMachine")
    assert json.loads(machine["DefinitionString"]) == DEFINITION
    substitutions = machine["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(DEFINITION))) == set(substitutions)
    assert substitutions["CleanJobName"]["Ref"].startswith("CleanJob")
    assert substitutions["ProcessJobName"]["Ref"].startswith("ProcessJob")


def test_every_state_is_reached_and_every_way_ends() -> None:
    ways = {
        name: [state[key] for key in ("Next", "Default") if key in state]
        + [way["Next"] for way in (*state.get("Catch", []), *state.get("Choices", []))]
        for name, state in STATES.items()
    }
    reached, waiting = set(), [DEFINITION["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += ways[name]
    assert reached == set(STATES)
    assert {name for name, ways_on in ways.items() if not ways_on} == {"Succeed", "Fail"}


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_waited_for(name: str) -> None:
    assert STATES[name]["Resource"] == "arn:aws:states:::glue:startJobRun.sync"


@pytest.mark.parametrize(
    ("name", "passed_through"),
    [
        ("Clean Data", ["input_uri", "clean_uri", "rejected_uri", "run_date"]),
        ("Process Data", ["clean_uri", "processed_uri"]),
    ],
)
def test_a_job_gets_the_input_as_it_is_and_the_name_of_its_step(name: str, passed_through: list[str]) -> None:
    expected = {f"--{key}": f"{{% $states.input.{key} %}}" for key in passed_through}
    if name == "Clean Data":
        expected["--input_version"] = "{% $states.input.version_id ? $states.input.version_id : '' %}"
    arguments = dict(STATES[name]["Arguments"]["Arguments"])
    del arguments["--trace_header"], arguments["--correlation_id"]  # test_failure_cause evaluates these two
    assert arguments == {
        **expected,
        "--step_name": "{% $states.context.State.Name %}",
        "--run_id": "{% $states.context.Execution.Name %}",
    }


@pytest.mark.parametrize("name", JOBS)
def test_only_what_may_pass_is_retried_with_back_off_and_jitter(name: str) -> None:
    (retry,) = STATES[name]["Retry"]
    assert all(re.fullmatch(r"Glue\.\w+Exception", error) for error in retry["ErrorEquals"])
    assert "Glue.ConcurrentRunsExceededException" in retry["ErrorEquals"]
    assert "Glue.EntityNotFoundException" not in retry["ErrorEquals"]
    assert (retry["BackoffRate"], retry["JitterStrategy"], retry["MaxDelaySeconds"]) == (2, "FULL", 300)


@pytest.mark.parametrize("name", JOBS)
def test_every_error_of_a_job_is_explained(name: str) -> None:
    assert [catch["ErrorEquals"] for catch in STATES[name]["Catch"]] == [["States.ALL"]]


def test_each_timeout_leaves_room_for_the_one_inside() -> None:
    tasks = [STATES[name]["TimeoutSeconds"] for name in JOBS]
    assert all(seconds > TIMEOUT * 60 for seconds in tasks)
    assert DEFINITION["TimeoutSeconds"] > sum(tasks)


def test_states_pass_no_data_but_the_input_on(default: Synthesized) -> None:
    outputs: list[Any] = [STATES[name]["Output"] for name in JOBS]
    assert outputs == ["{% $states.input %}"] * 2
