# SPDX-License-Identifier: Apache-2.0
"""``make verify`` against a local cloud: what it finds, what it cannot, and that it removes all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud import LocalCloud
from local_cloud.aws_rules import RULES_OFF
from local_cloud.control import ask
from tests.e2e.runs import Runs, faults
from tests.e2e.test_demo import ROWS
from tests.e2e.verify_command import TIMEOUT_S, by_verified, client, report, stacks, start
from tests.verify import account, story
from tests.verify.checks import run_checks
from tests.verify.evidence import Evidence
from tests.verify.report import Report
from tests.verify.run import OUTPUT
from tests.verify.target import TOOLKIT

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    assert RULES_OFF not in os.environ  # Glue's network interfaces stay an hour behind each run
    with LocalCloud() as started:
        yield started


def idle_interfaces(cloud: LocalCloud) -> set[str]:
    """What Glue keeps for an hour behind its runs."""
    available = [{"Name": "status", "Values": ["available"]}]
    answer = client(cloud, "ec2").describe_network_interfaces(Filters=available)
    return {interface["NetworkInterfaceId"] for interface in answer["NetworkInterfaces"]}


def advance_clock(cloud: LocalCloud, seconds: int) -> None:
    ask("/_local_cloud/clock", {"advance_seconds": seconds}, client=cloud.environment)


LOCAL = {check.id for check in story.CHECKS} | {"deploy", "destroy"}
ACCOUNT_ONLY = {check.id for check in account.CHECKS}


def test_all_that_a_local_cloud_can_show_is_verified_and_nothing_stays(cloud: LocalCloud) -> None:
    printed, left_by_glue = "", set[str]()
    with start(cloud) as process:
        assert process.stdout is not None
        for line in process.stdout:
            printed += line
            if "fetch the traces" in line:  # both runs have ended
                left_by_glue = idle_interfaces(cloud)
                advance_clock(cloud, 600)
        code = process.wait(TIMEOUT_S)
    assert code == 0, printed
    assert printed.index("make verify will create") < printed.index("cdk deploy")
    content = report()
    assert set(content) == {"target", "started", "checks", "leftovers", "usd"}
    assert content["target"] == f"local cloud at {cloud.endpoint}"
    assert by_verified(content, True) == LOCAL
    assert by_verified(content, False) == set()
    # What only an account can show is named, each with the reason
    assert by_verified(content, None) == ACCOUNT_ONLY
    assert all(check["observed"] and check["claim"] and check["source"] for check in content["checks"])
    # A destroy ten minutes after the runs leaves nothing, though interfaces of Glue were there
    assert len(left_by_glue) >= 4
    assert idle_interfaces(cloud) == set()
    assert content["leftovers"] == []
    assert content["usd"] == 0
    assert stacks(cloud) == {TOOLKIT}
    table = (OUTPUT / "report.md").read_text()
    assert len([line for line in table.splitlines() if line.startswith("| ")]) == 1 + len(content["checks"])


def test_a_check_that_fails_is_reported_and_leaves_the_others_running(runs: Runs, tmp_path: Path) -> None:
    """The real checks, over the deployment that the other tests look at."""
    ids = {"run", "trace.tree", *(check for check in LOCAL if check.startswith("queries."))}
    checks = [check for check in story.CHECKS if check.id in ids]
    evidence = Evidence(runs, ROWS, "correlated", tmp_path, local=True)
    faults(
        "POST",
        {"service": "logs", "operation": "StartQuery", "code": "AccessDeniedException", "message": "No"},
    )
    try:
        made = Report("local cloud", results=run_checks(checks, evidence, patience_s=0))
    finally:
        faults("DELETE")
    made.write(tmp_path)
    content = json.loads((tmp_path / "report.json").read_text())
    assert not made.holds
    assert by_verified(content, True) == {"run", "trace.tree"}
    assert by_verified(content, False) == ids - {"run", "trace.tree"}
    (errors,) = [check for check in content["checks"] if check["id"] == "queries.errors"]
    assert "AccessDeniedException" in errors["observed"]
