# SPDX-License-Identifier: Apache-2.0
"""What the demonstration says before it does anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from demo.command import main


@pytest.fixture(autouse=True)
def local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({}, "AWSishttps://sts.us-east-1.amazonaws.comhere,nolocalcloud"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "nolocalcloud",
        ),
        ({"AWS_ENDPOINT_URL": "http://localhost.evil.example"}, "nolocalcloud"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_SSM": "https://ssm"},
            "(ssmathttps://ssm)",
        ),
    ],
)
def test_an_account_is_refused_before_anything_is_deployed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], says: str
) -> None:
    def never(dataset: Path, setup_s: float) -> bool:
        raise AssertionError("deployed")

    monkeypatch.delenv("AWS_ENDPOINT_URL")
    for name, value in {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["demo"])
    assert main(never, description=None) == 1
    said = capsys.readouterr().out
    assert says in "".join(said.split())
    assert said.count("demo: ") == 1


def test_an_account_is_used_by_who_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    file = tmp_path / "some.csv"
    file.write_text("id\n")
    monkeypatch.setattr(sys, "argv", ["demo", "--real-account", "--dataset", str(file)])
    assert main(lambda dataset, setup_s: dataset == file, description=None) == 0


def test_a_file_that_is_not_there_is_told_before_anything_is_deployed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def never(dataset: Path, setup_s: float) -> bool:
        raise AssertionError("deployed")

    monkeypatch.setattr(sys, "argv", ["demo", "--dataset", str(tmp_path / "none.csv")])
    assert main(never, description=None) == 1
    said = "".join(capsys.readouterr().out.split())
    assert "none.csvisnotafile:nameonewithmakedemoDATASET=path/to/file.csv." in said


def test_the_file_that_is_there_is_handed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text("id\n")
    monkeypatch.setattr(sys, "argv", ["demo", "--dataset", str(file)])
    assert main(lambda dataset, setup_s: dataset == file, description=None) == 0
