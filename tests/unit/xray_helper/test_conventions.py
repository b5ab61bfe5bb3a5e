# SPDX-License-Identifier: Apache-2.0
"""What the library writes bears the names that the viewer reads, and takes them from one place."""

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


LIBRARY = [ast.parse(path.read_text()) for path in sorted(Path(xray_helper.__file__).parent.rglob("*.py"))]


@pytest.fixture(scope="module")
def written() -> set[str]:
    """Every name that the library's source takes from the conventions, and every keyword."""
    found: set[str] = set()
    for node in (node for module in LIBRARY for node in ast.walk(module)):
        match node:
            case ast.Attribute(value=ast.Name(id="names"), attr=constant) if constant.isupper():
                found.add(getattr(conventions, constant))
            case ast.ImportFrom(module="xray_common.conventions", names=imported):
                found |= {getattr(conventions, alias.name) for alias in imported}
            case ast.keyword(arg=str(argument)):
                found.add(argument)
    return found


@pytest.mark.parametrize("name", READ_BY_THE_VIEWER)
def test_the_library_writes_the_name(written: set[str], name: str) -> None:
    assert getattr(conventions, name) in written


def test_a_name_that_nobody_writes_is_found(written: set[str]) -> None:
    assert "spark.step.result" not in written
    assert len(READ_BY_THE_VIEWER) == 44


def test_no_name_is_written_twice() -> None:
    """A name without a dot is a common word, and may stand for something else."""
    agreed = {value for name, value in vars(conventions).items() if name.isupper() and "." in value}
    literals = {
        node.value for module in LIBRARY for node in ast.walk(module) if isinstance(node, ast.Constant)
    }
    assert not agreed & literals


def test_counts_of_a_job() -> None:
    assert conventions.SPARK_TASKS in {f"spark.{field.name}" for field in fields(Totals)}
