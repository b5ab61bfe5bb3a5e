# SPDX-License-Identifier: Apache-2.0
"""What a person types by mistake, and what the command makes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from glue_xray import cli
from glue_xray.attach import attach
from glue_xray.commands import COMMANDS
from tests.unit.glue_xray.conftest import Account
from xray_common.installing import install_command

ROOT = Path(__file__).parents[3]
ADVICE = re.compile(r"pip install (glue-xray|\"?\.\[|'?\.)")
WRITTEN_BY_HAND = {"glue_jobs/xray_common/installing.py"}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("mcp", "run")])
def test_its_help_has_the_name_that_was_typed(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: glue-xray {command} ")


def test_a_job_may_be_called_like_an_option(account: Account) -> None:
    account.create("-nightly")
    assert cli.main(["attach", "--", "-nightly"]) == 0
    assert cli.main(["detach", "--", "-nightly"]) == 0


@pytest.mark.parametrize("command", ["attach", "detach", "status"])
@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_one_sentence(command: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([command, name])
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith("argument JOB: a job has no name: is a variable empty?\n")


def test_an_unknown_collector_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        attach.main(["--collector", "collector:4318", "orders"])
    assert "'collector:4318' is neither a URL, http://HOST:4318, nor xray" in capsys.readouterr().err


def test_messages_say_in_one_way_how_it_is_installed() -> None:
    assert install_command("viewer") == 'pip install ".[viewer]" in a clone of its repository'
    assert install_command() == "pip install . in a clone of its repository"
    folders = ("glue_jobs", "glue_xray", "glue_tracing", "trace_viewer", "local_cloud")
    found = {
        file.relative_to(ROOT).as_posix()
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if ADVICE.search(file.read_text(encoding="utf-8"))
    }
    assert found == WRITTEN_BY_HAND
