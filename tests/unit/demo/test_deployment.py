# SPDX-License-Identifier: Apache-2.0
"""The last lines of a demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo import deployment
from demo.clock import Stopwatch


@pytest.mark.parametrize(
    ("rows", "shown"),
    [(None, "FAILED: no rows counted"), (0, "FAILED: 0 rows read"), (7, "FAILED: 7 rows read")],
)
def test_the_rows_are_those_that_were_counted(
    rows: int | None, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report: dict[str, Any] = {"rows_read": rows, "leftovers": []}
    deployment.finish(report, Stopwatch(), tmp_path, status="FAILED")
    assert capsys.readouterr().out.startswith(f"{shown}, ")
