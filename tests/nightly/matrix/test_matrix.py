# SPDX-License-Identifier: Apache-2.0
"""A version that hangs is a row of the table, and the others are run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.nightly.matrix import __main__ as matrix
from tests.nightly.matrix.results import Result
from tests.nightly.matrix.versions import VERSIONS


def test_a_version_that_takes_too_long_fails_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written: list[Result] = []

    def run(command: list[str], *, timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(matrix, "find_java", lambda version: tmp_path)
    monkeypatch.setattr(matrix, "write", lambda results: written.append(results[-1]))
    monkeypatch.setattr(subprocess, "run", run)
    assert matrix.main([]) == 1
    assert [result.spark for result in written] == [version.spark for version in VERSIONS]
    assert all(result.failed == [f"not done after {matrix.TIMEOUT_S} s"] for result in written)
