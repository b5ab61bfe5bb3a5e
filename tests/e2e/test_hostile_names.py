# SPDX-License-Identifier: Apache-2.0
"""What an upload is named steers no job: one clear sentence, and nothing of anybody is lost."""

from __future__ import annotations

import json
import time

import pytest

from tests.e2e.conftest import Deployment
from tests.e2e.expectations import failure
from tests.e2e.runs import Runs

pytestmark = pytest.mark.e2e

LOG_TIMEOUT_S = 60
POLL_S = 0.5


def log_line(deployment: Deployment, key: str, says: str) -> str:
    """Wait for the line in which the function says something of an object."""
    groups = [item["logGroupName"] for item in deployment.logs.describe_log_groups()["logGroups"]]
    (group,) = [name for name in groups if "IngestionLogs" in name]
    deadline = time.monotonic() + LOG_TIMEOUT_S
    while time.monotonic() < deadline:
        events = deployment.logs.filter_log_events(logGroupName=group)["events"]
        lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
        for line in lines:
            if line.get("object") == f"s3://{deployment.bucket}/{key}" and says in line["message"]:
                return str(line["message"])
        time.sleep(POLL_S)
    raise AssertionError(f"the function does not say {says!r} of {key}")


def outputs(deployment: Deployment, dataset: str) -> list[str]:
    return [
        key for kind in ("clean", "rejected", "processed") for key in deployment.keys(f"{kind}/{dataset}/")
    ]


def test_metadata_becomes_no_option(runs: Runs) -> None:
    """Its run is one like all others: what it did is in test_one_story."""
    line = log_line(runs.deployment, "input/story.csv", "correlation id")
    assert line == (
        "The object's correlation id is not taken, the trace id is: give 1 to 128 of 0-9A-Za-z._:+@=-, "
        "the first a letter or a digit."
    )
    assert outputs(runs.deployment, "story")


def test_a_key_writes_into_no_other_run(runs: Runs) -> None:
    deployment = runs.deployment
    run = runs.good.run_id
    before = outputs(deployment, "correlated")
    assert any(f"/run_id={run}/_SUCCESS" in key for key in before)

    key = f"input/correlated/run_id={run}.csv"
    deployment.s3.put_object(Bucket=deployment.bucket, Key=key, Body=b"id\n1\n")
    assert log_line(deployment, key, "No execution is started.") == (
        "No execution is started. A part of its path is empty or begins with 'run_id=', '_' or '.'; "
        "name every folder and the file otherwise."
    )
    assert outputs(deployment, "correlated") == before
    assert deployment.keys(key) == [key]


def test_no_data_set_lies_in_another(runs: Runs) -> None:
    deployment, key = runs.deployment, "input/correlated/x.csv"
    before = outputs(deployment, "correlated")
    execution = deployment.finish(deployment.put(key, b"id\n1\n"))
    failure.has_a_clear_cause(
        execution,
        f"Clean Data failed for s3://{deployment.bucket}/{key}: InputError: ",
        f"clean/correlated/x lies in the data set s3://{deployment.bucket}/clean/correlated, which has runs",
    )
    assert outputs(deployment, "correlated") == before
    assert deployment.keys(key) == [key]
