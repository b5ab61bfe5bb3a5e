# SPDX-License-Identifier: Apache-2.0
"""What the library writes bears the names that the viewer reads."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

import xray_helper
from xray_common import conventions
from xray_helper.spark.spans.totals import Totals

READ_BY_THE_VIEWER = sorted(
    name
    for name in vars(conventions)
    if name.startswith(("STEP_", "STAGE_", "FUNCTION_", "AWS_CALLS", "TASKS_"))
    or name in ("EXECUTED", "INLINED", "ELIMINATED", "UNKNOWN")
)


@pytest.fixture(scope="module")
def written() -> set[str]:
    """Every text, keyword and imported name in the library's source."""
    found: set[str] = set()
    for path in Path(xray_helper.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.ImportFrom) and node.module == "xray_common.conventions":
                found |= {getattr(conventions, alias.name) for alias in node.names}
    return found


@pytest.mark.parametrize("name", READ_BY_THE_VIEWER)
def test_the_library_writes_the_name(written: set[str], name: str) -> None:
    assert getattr(conventions, name) in written


def test_a_name_that_nobody_writes_is_found(written: set[str]) -> None:
    assert "spark.step.result" not in written
    assert len(READ_BY_THE_VIEWER) == 43


def test_counts_of_a_job() -> None:
    assert conventions.SPARK_TASKS in {f"spark.{field.name}" for field in fields(Totals)}
