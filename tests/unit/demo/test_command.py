# SPDX-License-Identifier: Apache-2.0
"""What the demonstration says before it does anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from demo.command import main


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
