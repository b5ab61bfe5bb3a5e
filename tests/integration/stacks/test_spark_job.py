# SPDX-License-Identifier: Apache-2.0
"""The two Glue jobs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stacks.conftest import Synthesized

JOBS = ["CleanJob", "ProcessJob"]
ROOT = Path(__file__).parents[3]


def job(template: Synthesized, name: str) -> dict[str, Any]:
    return template.only("AWS::Glue::Job", name)


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_spark_on_glue_5_1_and_leaves_retries_to_the_state_machine(
    default: Synthesized, name: str
) -> None:
    properties = job(default, name)
    assert properties["Command"]["Name"] == "glueetl"
    assert (properties["GlueVersion"], properties["WorkerType"], properties["NumberOfWorkers"]) == (
        "5.1",
        "G.1X",
        2,
    )
    assert properties["MaxRetries"] == 0
    assert properties["Timeout"] == 120
    assert properties["JobRunQueuingEnabled"] is True
    assert properties["ExecutionProperty"] == {"MaxConcurrentRuns": 50}


@pytest.mark.parametrize("name", JOBS)
def test_size_and_version_are_choices(synth: Callable[..., Synthesized], name: str) -> None:
    chosen = {"glue_worker_type": "G.2X", "glue_number_of_workers": "5", "glue_concurrent_runs": "400"}
    properties = job(synth(glue_version="5.0", **chosen), name)
    assert (properties["GlueVersion"], properties["WorkerType"], properties["NumberOfWorkers"]) == (
        "5.0",
        "G.2X",
        5,
    )
    assert properties["ExecutionProperty"] == {"MaxConcurrentRuns": 400}
    told = properties["NonOverridableArguments"]  # what the trace says of its price
    assert (told["--worker_type"], told["--number_of_workers"]) == ("G.2X", "5")


@pytest.mark.parametrize(("name", "called"), [("CleanJob", "clean-job"), ("ProcessJob", "process-job")])
def test_a_job_knows_its_name_its_library_its_logs_and_the_collector(
    default: Synthesized, name: str, called: str
) -> None:
    """As arguments that a caller of StartJobRun cannot override."""
    properties = job(default, name)
    assert "DefaultArguments" not in properties
    arguments = dict(properties["NonOverridableArguments"])
    assert arguments.pop("--extra-py-files")["Fn::Sub"].endswith(".zip")
    assert arguments.pop("--scriptLocation") == properties["Command"]["ScriptLocation"]
    arguments.pop("--log_groups")  # see test_observability.py
    assert arguments == {
        "--custom-logGroup-prefix": f"/aws-glue/jobs/OtelSolutionStack/{called}",
        "--job-bookmark-option": "job-bookmark-disable",
        "--job_name": called,
        "--otlp_endpoint": "http://collector.otelsolutionstack.internal:4318",
        "--traces": "on",
        "--metrics": "on",
        "--log_correlation": "on",
        "--metrics_run_id": "off",
        "--worker_type": "G.1X",
        "--number_of_workers": "2",
    }


def test_the_state_machine_passes_nothing_that_a_job_holds_fixed(default: Synthesized) -> None:
    """Glue refuses such a run."""
    states = json.loads((ROOT / "state_machine" / "pipeline.asl.json").read_text(encoding="utf-8"))["States"]
    passed = [
        state["Arguments"]["Arguments"]
        for state in states.values()
        if "JobName" in state.get("Arguments", {})
    ]
    assert len(passed) == 2
    for name in JOBS:
        fixed = job(default, name)["NonOverridableArguments"]
        assert not any(set(fixed) & set(arguments) for arguments in passed)


def test_nothing_is_installed_when_a_job_starts(default: Synthesized) -> None:
    for properties in default.of_type("AWS::Glue::Job").values():
        assert "--additional-python-modules" not in properties["NonOverridableArguments"]


def test_the_jobs_are_in_the_vpc_with_the_jobs_security_group(default: Synthesized) -> None:
    connection = default.only("AWS::Glue::Connection")["ConnectionInput"]
    assert connection["ConnectionType"] == "NETWORK"
    (group,) = connection["PhysicalConnectionRequirements"]["SecurityGroupIdList"]
    assert group["Fn::GetAtt"][0].startswith("NetworkJobs")
    for name in JOBS:
        (used,) = job(default, name)["Connections"]["Connections"]
        assert used["Ref"].startswith("GlueConnection")


@pytest.mark.parametrize(("name", "called"), [("CleanJob", "clean-job"), ("ProcessJob", "process-job")])
@pytest.mark.parametrize("kind", ["error", "output"])
def test_the_log_groups_have_the_names_that_glue_derives(
    default: Synthesized, name: str, called: str, kind: str
) -> None:
    group = default.only("AWS::Logs::LogGroup", f"{name}{kind.capitalize()}")
    assert group["LogGroupName"] == f"/aws-glue/jobs/OtelSolutionStack/{called}/{kind}"
