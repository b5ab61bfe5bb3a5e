# SPDX-License-Identifier: Apache-2.0
"""`glue-xray attach` and `detach`: what becomes of a job's definition."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from glue_xray import bundle
from glue_xray.attach import attach, detach
from tests.unit.glue_xray.conftest import LIBRARY, Account
from tests.unit.glue_xray.every_member import full_definition

_SHELL = {"Name": "pythonshell", "ScriptLocation": "s3://assets/jobs/orders.py", "PythonVersion": "3.9"}
_LOCKED = {"--scriptLocation": "s3://assets/locked.py", "--day": "1"}
JOBS: dict[str, dict[str, Any]] = {
    "bare": {},
    "every member": full_definition(),
    "no arguments that are fixed, said so": {"NonOverridableArguments": {}},
    "script among the defaults": {"DefaultArguments": {"--scriptLocation": "s3://assets/other.py"}},
    "script among the fixed": {"NonOverridableArguments": _LOCKED},
    "capacity": {"MaxCapacity": 4.0},
    "shell": {"Command": _SHELL, "MaxCapacity": 1.0},
    "strange words": {"Command": {"Name": "glueetl", "ScriptLocation": "s3://assets/a b/it's --me.py"}},
    "oldest": {"GlueVersion": "4.0", "WorkerType": "G.1X", "NumberOfWorkers": 10},
}


@pytest.mark.parametrize("members", JOBS.values(), ids=JOBS)
def test_detached_a_job_is_what_it_was(account: Account, members: dict[str, Any]) -> None:
    before = account.create(**members)
    assert attach.main(["orders"]) == 0
    assert account.glue.job("orders") != before
    assert detach.main(["orders"]) == 0
    assert account.glue.job("orders") == before


@pytest.mark.parametrize("members", JOBS.values(), ids=JOBS)
def test_attaching_changes_the_script_and_adds_one_argument(
    account: Account, members: dict[str, Any]
) -> None:
    before = account.create(**members)
    attach.main(["orders"])
    after = account.glue.job("orders")

    value = after["NonOverridableArguments"].pop("--glue_xray")
    if not after["NonOverridableArguments"] and "NonOverridableArguments" not in before:
        del after["NonOverridableArguments"]
    changed = [
        (holder, name, holder[name], now[name])
        for member in ("Command", "DefaultArguments", "NonOverridableArguments")
        if (holder := before.get(member, {})) is not None and (now := after.get(member, {})) is not None
        for name in holder
        if holder[name] != now[name]
    ]
    [(holder, name, script, runner)] = changed
    assert shlex.split(value)[0] == script
    assert runner in account.s3.objects
    assert runner.rpartition("/")[2] == script.rpartition("/")[2]  # Glue's messages name it
    holder[name] = runner
    assert after == before


def test_both_objects_lie_beside_the_script(account: Account) -> None:
    account.create()
    attach.main(["orders"])
    folder = "s3://assets/jobs/glue-xray/"
    assert LIBRARY in account.s3.objects.values()
    assert all(name.startswith(folder) for name in account.s3.objects)


def test_the_same_folder_is_chosen_by_hand(account: Account) -> None:
    account.iam.allowed = ("*", "arn:aws:s3:::")
    account.create()
    attach.main(["--s3-prefix", "s3://ours/tools/", "orders"])
    assert all(name.startswith("s3://ours/tools/glue-xray/") for name in account.s3.objects)


def test_attached_twice_it_is_attached_once(account: Account) -> None:
    before = account.create()
    attach.main(["orders"])
    first = account.glue.job("orders")
    attach.main(["orders"])
    assert account.glue.job("orders") == first
    detach.main(["orders"])
    assert account.glue.job("orders") == before


def test_an_upgrade_keeps_what_was_chosen(account: Account) -> None:
    account.iam.allowed = ("*", "arn:aws:s3:::")
    account.create()
    attach.main(["--collector", "http://c:4318", "--steps", "none", "--s3-prefix", "s3://ours", "orders"])
    first = account.glue.job("orders")
    attach.main(["orders"])
    assert account.glue.job("orders") == first
    attach.main(["--collector", "http://d:4318", "orders"])
    value = account.glue.job("orders")["NonOverridableArguments"]["--glue_xray"]
    assert "--otlp_endpoint=http://d:4318" in value


def test_what_others_change_meanwhile_stays(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    before = account.create(DefaultArguments={"--day": "1"})
    attach.main(["orders"])
    edited = {**account.glue.updates[-1], "Timeout": 5, "DefaultArguments": {"--day": "2"}}
    account.glue.client.update_job(JobName="orders", JobUpdate=edited)

    detach.main(["orders"])
    assert account.glue.job("orders") == {**before, "Timeout": 5, "DefaultArguments": {"--day": "2"}}
    assert "somebody edited the job since" in capsys.readouterr().out


def test_a_script_that_others_chose_meanwhile_stays(account: Account) -> None:
    before = account.create()
    attach.main(["orders"])
    command = {**before["Command"], "ScriptLocation": "s3://assets/new.py"}
    account.glue.client.update_job(
        JobName="orders", JobUpdate={**account.glue.updates[-1], "Command": command}
    )
    detach.main(["orders"])
    assert account.glue.job("orders") == {**before, "Command": command}


def test_an_upgrade_keeps_what_others_changed(account: Account) -> None:
    before = account.create()
    attach.main(["orders"])
    account.glue.client.update_job(
        JobName="orders", JobUpdate={**account.glue.updates[-1], "Description": "of mine"}
    )
    attach.main(["orders"])
    detach.main(["orders"])
    assert account.glue.job("orders") == {**before, "Description": "of mine"}


def test_a_dry_run_changes_nothing(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    before = account.create()
    assert attach.main(["--dry-run", "--grant", "orders"]) == 0
    assert account.glue.job("orders") == before
    assert not account.glue.updates
    assert not account.s3.objects
    assert not account.iam.policies
    lines = capsys.readouterr().out.splitlines()
    assert '-    "ScriptLocation": "s3://assets/jobs/orders.py"' in lines
    attach.main(["orders"])
    assert detach.main(["--dry-run", "orders"]) == 0
    assert account.glue.job("orders") != before


def test_the_job_gets_what_the_library_should_know(account: Account) -> None:
    account.create("a job", WorkerType="G.2X", NumberOfWorkers=3)
    attach.main(["--collector", "http://collector:4318", "--steps", "none", "a job"])
    words = shlex.split(account.glue.job("a job")["NonOverridableArguments"]["--glue_xray"])
    assert words[0] == "s3://assets/jobs/orders.py"
    assert {
        "--traces=on", "--job_name=a job", "--worker_type=G.2X", "--number_of_workers=3",
        "--otlp_endpoint=http://collector:4318", "--steps=none",
    } <= set(words)  # fmt: skip


def test_a_shell_job_has_no_workers_and_other_logs(account: Account) -> None:
    account.create(Command=_SHELL, MaxCapacity=1.0)
    attach.main(["orders"])
    words = shlex.split(account.glue.job("orders")["NonOverridableArguments"]["--glue_xray"])
    assert {"--max_capacity=1", "--custom-logGroup-prefix=/aws-glue/python-jobs"} <= set(words)
    assert not [word for word in words if "worker" in word]


def test_each_job_gets_the_library_of_its_python(account: Account) -> None:
    account.create("a")
    account.create("b", Command=_SHELL)
    assert attach.main(["a", "b"]) == 0
    assert account.built == ["3.11", "3.9"]


def test_a_library_that_cannot_be_built_is_one_sentence(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(python: str) -> None:
        raise RuntimeError("pip reaches no index.")

    monkeypatch.setattr(bundle, "library_zip", fail)
    account.create()
    assert attach.main(["orders"]) == 1
    assert capsys.readouterr().err == "glue-xray attach: orders: pip reaches no index.\n"


def test_an_sdk_that_is_older_than_a_member_of_the_job_writes_nothing(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.create()
    account.glue.added = {"Tomorrow": 1, "ExecutionProperty": {"MaxConcurrentRuns": 1, "Arm": True}}
    assert attach.main(["orders"]) == 1
    assert "does not know ExecutionProperty.Arm, Tomorrow of the job" in capsys.readouterr().err
    assert not account.glue.updates
    assert attach.main(["--force", "orders"]) == 0
    assert detach.main(["orders"]) == 1
    assert detach.main(["--force", "orders"]) == 0


def test_a_job_that_changes_between_reading_and_writing_is_left_alone(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account.create()

    def meanwhile(**_: Any) -> None:
        account.glue.added = {"Description": "by somebody"}

    monkeypatch.setattr(account.s3, "put_object", meanwhile)
    assert attach.main(["orders"]) == 1
    assert "somebody changed the job just now" in capsys.readouterr().err
    assert not account.glue.updates


@pytest.mark.parametrize(
    "option",
    [
        ["--collector", "collector:4318"],
        ["--s3-prefix", "bucket"],
        ["--s3-prefix", "s3://"],
        ["--steps", "all"],
    ],
)
def test_a_slip_on_the_command_line_changes_nothing(account: Account, option: list[str]) -> None:
    before = account.create()
    with pytest.raises(SystemExit, match="2"):
        attach.main([*option, "orders"])
    assert account.glue.job("orders") == before


def test_one_job_that_fails_does_not_stop_the_others(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.create()
    assert attach.main(["nowhere", "orders"]) == 1
    shown = capsys.readouterr()
    assert shown.err == "glue-xray attach: nowhere: there is no job of this name in us-east-1\n"
    assert "orders: attached" in shown.out


def test_the_policy_is_json_that_a_role_takes(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.create()
    attach.main(["orders"])
    _, _, shown = capsys.readouterr().out.partition("policy:\n")
    policy = shown.partition("\norders: ")[0]
    read, _, trace = json.loads(policy)["Statement"]
    [folder] = read["Resource"]
    assert all(f"arn:aws:s3:::{name[5:]}".startswith(folder[:-1]) for name in account.s3.objects)
    assert "xray:PutTraceSegments" in trace["Action"]
