# SPDX-License-Identifier: Apache-2.0
"""`glue-xray attach` and the rights of a job's role."""

from __future__ import annotations

import json

import pytest

from glue_xray.attach import attach, detach, rights
from tests.unit.glue_xray.conftest import Account


def test_a_role_that_cannot_read_the_runner_would_fail_the_job(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.iam.allowed = ("*", "arn:aws:s3:::assets/jobs/orders.py")
    before = account.create()
    assert attach.main(["orders"]) == 1
    shown = capsys.readouterr()
    assert "its role may not read arn:aws:s3:::assets/jobs/glue-xray/run-" in shown.err
    assert '"ReadTracing"' in shown.out
    assert account.glue.job("orders") == before


def test_where_the_bucket_grants_it_the_role_lacks_nothing(account: Account) -> None:
    account.iam.allowed = ("*",)  # not even the present script
    account.create()
    assert attach.main(["orders"]) == 0


def test_a_role_that_cannot_trace_runs_untraced(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.iam.allowed = ("arn:aws:s3:::assets/",)
    account.create()
    assert attach.main(["orders"]) == 0
    assert "its role lacks xray:BatchGetTraces, " in capsys.readouterr().err


def test_granted_rights_go_again(account: Account) -> None:
    account.iam.allowed = ()
    before = account.create(Role="arn:aws:iam::000000000000:role/service-role/GlueRole")
    assert attach.main(["--grant", "orders"]) == 0
    [(place, policy)] = account.iam.policies.items()
    assert place == ("GlueRole", "glue-xray-orders")
    statements = {one["Sid"]: one for one in json.loads(policy)["Statement"]}
    assert statements.keys() == {"ReadTracing", "FindWorkflowRun", "Trace"}
    workflows = "arn:aws:glue:us-east-1:000000000000:workflow/*"  # of the role's account and the job's region
    assert statements["FindWorkflowRun"]["Action"] == ["glue:GetWorkflowRun"]
    assert statements["FindWorkflowRun"]["Resource"] == [workflows]
    attach.main(["orders"])  # an upgrade knows of them still
    assert detach.main(["orders"]) == 0
    assert not account.iam.policies
    assert account.glue.job("orders") == before


def test_a_job_that_changed_its_role_takes_the_policy_along(account: Account) -> None:
    account.create()
    attach.main(["--grant", "orders"])
    account.glue.client.update_job(
        JobName="orders", JobUpdate={**account.glue.updates[-1], "Role": "OtherRole"}
    )
    attach.main(["orders"])
    assert list(account.iam.policies) == [("OtherRole", "glue-xray-orders")]


def test_a_role_that_cannot_be_changed_is_one_sentence(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.iam.editable = False
    before = account.create()
    assert attach.main(["--grant", "orders"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("glue-xray attach: orders: the role GlueRole cannot be changed")
    assert account.glue.job("orders") == before


def test_a_policy_that_is_gone_already_is_no_error(account: Account) -> None:
    account.create()
    attach.main(["--grant", "orders"])
    account.iam.policies.clear()
    assert detach.main(["orders"]) == 0


def test_names_of_policies_are_those_that_iam_takes() -> None:
    names = [rights.policy_name(job) for job in ("a b", "a/b", "x" * 255, "x" * 254, "ä")]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 128 and name.isascii() and not set(name) & set(" /") for name in names)


def test_xray_s_own_endpoint_needs_more() -> None:
    place = {"region": "cn-north-1", "partition": "aws-cn"}
    statements = rights.policy("s3://b/k", role="GlueRole", collector="xray", **place)["Statement"]
    assert "xray:PutSpans" in statements[-1]["Action"]
    assert statements[1]["Resource"] == ["arn:aws-cn:glue:cn-north-1:*:workflow/*"]  # a name has no account
