# SPDX-License-Identifier: Apache-2.0
"""``make verify`` before anything is created, and what its checks cover."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from demo import cdk
from demo.errors import DemoError
from local_cloud.environment import client_environment
from tests.verify import __main__ as command
from tests.verify import account, deployment, plan, run, story
from tests.verify.checks import Check, run_checks
from tests.verify.evidence import Evidence
from tests.verify.target import target_of_environment

ROOT = Path(__file__).parents[3]
MARK = ": documentation only"


def _documentation_only() -> set[str]:
    """The subjects that README's table names as resting on documentation alone."""
    subjects: set[str] = set()
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 and "documentation only" in cells[1]:
            before = cells[1].split(MARK)[0].rpartition(";")[2] if MARK in cells[1] else cells[0]
            subjects |= {part.strip() for part in re.split(r", | and ", before)}
    return subjects


def test_each_claim_that_rests_on_documentation_alone_is_a_check() -> None:
    assert {check.documentation_only for check in account.CHECKS} - {None} == _documentation_only()
    assert len(_documentation_only()) >= 7


def test_each_check_has_an_id_of_its_own_and_a_source_that_exists() -> None:
    checks = [*story.CHECKS, *account.CHECKS, run.DEPLOYS, run.REMOVES]
    assert len({check.id for check in checks}) == len(checks)
    for check in checks:
        assert (ROOT / check.source.split(",")[0]).is_file()


def test_endpoints_on_and_off_this_machine_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in client_environment("http://127.0.0.1:9", "token").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.us-east-1.amazonaws.com")
    with pytest.raises(DemoError, match=r"and others are not \(s3 at https://s3"):
        target_of_environment()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-c", "stack_name=Other"], "stack_name is not for make verify"),
        (["-c", "network"], "is no NAME=VALUE"),
        (["-c", "airflow=mwaa"], "needs the context value airflow=none"),
    ],
)
def test_what_it_cannot_use_is_refused_in_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([*arguments, "--yes"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("verify: nothing was created: ")
    assert says in printed
    assert printed.count("\n") == 1


def test_nobody_who_could_agree_has_not_agreed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))  # no terminal
    assert plan.agrees() is False
    assert "YES=1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "observed"),
    [(AssertionError("two\nlines"), "two lines"), (KeyError("x"), "KeyError: 'x'")],
)
def test_a_check_that_fails_leaves_the_others_running(
    tmp_path: Path, error: Exception, observed: str
) -> None:
    def fail(evidence: Evidence) -> str:
        raise error

    def check(name: str, observe: Callable[[Evidence], str], account_only: bool = False) -> Check:
        return Check(id=name, claim=name, source="README.md", observe=observe, account_only=account_only)

    evidence = Evidence(None, None, "listings", tmp_path, local=True)  # type: ignore[arg-type]
    checks = [check("a", fail), check("b", lambda evidence: "seen"), check("c", fail, account_only=True)]
    results = run_checks(checks, evidence, patience_s=0)
    assert [result.verified for result in results] == [False, True, None]
    assert [result.observed for result in results][:2] == [observed, "seen"]


def test_the_resources_of_another_run_are_not_ours() -> None:
    found = {"vpc vpc-1", "vpc vpc-2", "network interface eni-1 in subnet-1", "log group /x/Verify-b"}
    assert deployment.of_deployment(found, {"vpc-1", "subnet-1"}, ["Verify-a"]) == [
        "network interface eni-1 in subnet-1",
        "vpc vpc-1",
    ]


def test_what_it_has_cost_by_hand() -> None:
    job = {"WorkerType": "G.2X", "NumberOfWorkers": 2}
    resources = {
        "Key": {"Type": "AWS::KMS::Key"},
        "Job": {"Type": "AWS::Glue::Job", "Properties": job},
    }
    # (1.00 + 50 x 0.30) / 730 for the one started hour; 4 DPU x (60 + 120) / 3600 x 0.44, a minute at least
    assert plan.spent({"Verify-1": {"Resources": resources}}, hours=0.4, run_seconds=[30, 120]) == 0.11


def test_the_command_that_removes_it_has_the_whole_context(tmp_path: Path) -> None:
    context = {"network": "nat", "stack_name": "Verify-1"}
    application = cdk.Application(output=tmp_path, assembly=tmp_path, context=context)
    assert (
        deployment.destroy_command(application)
        == 'make destroy CONTEXT="-c network=nat -c stack_name=Verify-1"'
    )
