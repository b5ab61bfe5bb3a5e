# SPDX-License-Identifier: Apache-2.0
"""Which jobs are attached and which are refused, and what `glue-xray status` says of them."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from glue_xray.attach import attach, detach, status
from glue_xray.attach.clients import Clients
from tests.unit.glue_xray.conftest import Account

_SCRIPT = "s3://assets/jobs/orders.py"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "streaming": ({"Command": {"Name": "gluestreaming", "ScriptLocation": _SCRIPT}}, "a streaming job"),
    "ray": ({"Command": {"Name": "glueray", "ScriptLocation": _SCRIPT}}, "a Ray job"),
    "visual": ({"JobMode": "VISUAL"}, "a visual job"),
    "Scala": ({"DefaultArguments": {"--job-language": "scala"}}, "Scala"),
    "old Glue": ({"GlueVersion": "3.0"}, "Glue 3.0 has Python 3.7 or older"),
    "old shell": (
        {"Command": {"Name": "pythonshell", "ScriptLocation": _SCRIPT, "PythonVersion": "3"}},
        "change the job to '3.9'",
    ),
    "no script": ({"Command": {"Name": "glueetl"}}, "is not on S3"),
}


@pytest.mark.parametrize(("members", "sentence"), REFUSED.values(), ids=REFUSED)
def test_other_jobs_are_refused_in_one_sentence(
    account: Account, capsys: pytest.CaptureFixture[str], members: dict[str, Any], sentence: str
) -> None:
    account.create(**members)
    assert attach.main(["orders"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert sentence in line
    assert not account.glue.updates
    assert status.main([]) == 0
    assert sentence in capsys.readouterr().out


@pytest.mark.parametrize(("version", "python"), [("4.0", "3.10"), ("5.1", "3.11"), ("6.0", "3.11")])
def test_each_glue_gets_the_packages_of_its_python(account: Account, version: str, python: str) -> None:
    account.create(GlueVersion=version)
    attach.main(["orders"])
    assert account.built == [python]


@pytest.mark.parametrize("member", ["NonOverridableArguments", "DefaultArguments"])
@pytest.mark.parametrize(
    ("value", "sentence"),
    [("s3://b/own.py --traces=on", "traced by those who deploy it"), ("s3://b/it's.py", "")],
    ids=["deployed so", "no command line"],
)
def test_an_argument_that_is_not_ours_is_left_alone(
    account: Account, capsys: pytest.CaptureFixture[str], member: str, value: str, sentence: str
) -> None:
    arguments: dict[str, Any] = {member: {"--glue_xray": value}}
    before = account.create(**arguments)
    for command in (attach, detach):
        assert command.main(["orders"]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert sentence in line
    assert account.glue.job("orders") == before
    assert status.main(["orders"]) == 0


def _states(account: Account, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert status.main(["orders"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    return line.removeprefix("orders  ").split("; ")


def test_the_status_follows_the_job(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.create()
    assert _states(account, capsys) == ["not attached"]
    attach.main(["orders"])
    assert _states(account, capsys) == ["attached, glue-xray 0.2.0"]
    attached = account.glue.updates[-1]
    account.glue.client.update_job(JobName="orders", JobUpdate={**attached, "Timeout": 5})
    assert _states(account, capsys)[1:] == ["edited since"]
    command = {**attached["Command"], "ScriptLocation": _SCRIPT}
    account.glue.client.update_job(JobName="orders", JobUpdate={**attached, "Command": command})
    assert "runs untraced" in _states(account, capsys)[1]
    detach.main(["orders"])
    assert _states(account, capsys) == ["not attached"]


def test_another_version_is_named(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.create()
    attach.main(["orders"])
    monkeypatch.setattr(status, "version", lambda _: "0.3.0")
    assert "another version" in _states(account, capsys)[1]


def test_every_job_of_the_region_is_listed(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "longer"):
        account.create(name)
    assert status.main([]) == 0
    assert capsys.readouterr().out == "a       not attached\nlonger  not attached\n"


def test_a_wrong_name_is_named_and_the_other_jobs_are_listed(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.create("longer")
    assert status.main(["a", "longer"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "longer  not attached\n"
    assert shown.err == "glue-xray status: a: there is no job of this name in us-east-1\n"


@pytest.mark.parametrize(
    ("command", "variables", "sentence"),
    [
        (attach, {}, "no region is set"),
        (attach, {"AWS_REGION": "eu-west-1"}, "there are no credentials"),
        (detach, {"AWS_DEFAULT_REGION": "eu-west-1"}, "there are no credentials"),
        (status, {"AWS_DEFAULT_REGION": "eu-west-1"}, "there are no credentials"),
        (status, {"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
    ],
)
def test_without_an_account_there_is_one_sentence(
    command: Any,
    variables: dict[str, str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert command.main(["orders"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert sentence in line


def test_the_region_is_that_of_the_aws_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert Clients.make().glue.meta.region_name == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "")
    assert Clients.make().glue.meta.region_name == "us-east-1"
