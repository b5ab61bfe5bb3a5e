# SPDX-License-Identifier: Apache-2.0
"""``make verify`` against a local cloud: what it finds, what it cannot, and that it removes all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from demo.paths import ROOT
from local_cloud import LocalCloud
from local_cloud.aws_rules import RULES_OFF
from local_cloud.control import ask
from local_cloud.environment import command_environment
from tests.signals import default_signals
from tests.verify import account, story
from tests.verify.run import OUTPUT
from tests.verify.target import TOOLKIT

pytestmark = pytest.mark.e2e

TIMEOUT_S = 500
INTERRUPTED = 130
Report = dict[str, Any]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    assert RULES_OFF not in os.environ  # Glue's network interfaces stay an hour behind each run
    with LocalCloud() as started:
        yield started


def start(cloud: LocalCloud) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "tests.verify", "--yes"],
        cwd=ROOT,
        env=command_environment(cloud.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=default_signals,
    )


def report() -> Report:
    content: Report = json.loads((OUTPUT / "report.json").read_text())
    return content


def by_verified(content: Report, verified: bool | None) -> set[str]:
    return {check["id"] for check in content["checks"] if check["verified"] is verified}


def stacks(cloud: LocalCloud) -> set[str]:
    cloudformation = boto3.client(
        "cloudformation",
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        **cloud.credentials,
    )
    found = cloudformation.describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in found if stack["StackStatus"] != "DELETE_COMPLETE"}


LOCAL = {check.id for check in story.CHECKS} | {"deploy", "destroy"}
ACCOUNT_ONLY = {check.id for check in account.CHECKS}


def test_all_that_a_local_cloud_can_show_is_verified_and_nothing_stays(cloud: LocalCloud) -> None:
    with start(cloud) as process:
        printed, _ = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, printed
    assert printed.index("make verify will create") < printed.index("cdk deploy")
    content = report()
    assert set(content) == {"target", "started", "checks", "leftovers", "usd"}
    assert content["target"] == f"local cloud at {cloud.endpoint}"
    assert by_verified(content, True) == LOCAL
    assert by_verified(content, False) == set()
    # What only an account can show is named, each with the reason
    assert by_verified(content, None) == ACCOUNT_ONLY
    assert all(check["observed"] and check["claim"] and check["source"] for check in content["checks"])
    # A deploy, runs and a destroy within ten minutes leave nothing, though interfaces of Glue were there
    assert content["leftovers"] == []
    assert content["usd"] == 0
    assert stacks(cloud) == {TOOLKIT}
    table = (OUTPUT / "report.md").read_text()
    assert len([line for line in table.splitlines() if line.startswith("| ")]) == 1 + len(content["checks"])


def test_a_check_that_fails_is_reported_and_leaves_the_others_running(cloud: LocalCloud) -> None:
    fault = {"service": "logs", "operation": "StartQuery", "code": "AccessDeniedException", "message": "No"}
    ask("/_local_cloud/faults", fault, client=cloud.environment)
    try:
        with start(cloud) as process:
            printed, _ = process.communicate(timeout=TIMEOUT_S)
    finally:
        ask("/_local_cloud/faults", method="DELETE", client=cloud.environment)
    assert process.returncode == 1, printed
    content = report()
    # The failure's lines are found by a saved query, too
    asked = {check for check in LOCAL if check.startswith("queries.")}
    assert by_verified(content, False) == asked | {"failure.everywhere", "failure.duration"}
    assert by_verified(content, True) == LOCAL - by_verified(content, False)
    (errors,) = [check for check in content["checks"] if check["id"] == "queries.errors"]
    assert "AccessDeniedException" in errors["observed"]
    assert content["leftovers"] == []
    assert stacks(cloud) == {TOOLKIT}


def test_an_interrupted_run_removes_what_it_created(cloud: LocalCloud) -> None:
    with start(cloud) as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "The stack deploys" in line:
                assert stacks(cloud) > {TOOLKIT}
                process.send_signal(signal.SIGINT)
        code = process.wait(TIMEOUT_S)
    assert code == INTERRUPTED, printed
    content = report()
    assert by_verified(content, True) == {"deploy", "destroy"}
    assert by_verified(content, False) == set()
    assert content["leftovers"] == []
    assert stacks(cloud) == {TOOLKIT}
