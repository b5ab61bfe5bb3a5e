# SPDX-License-Identifier: Apache-2.0
"""The examples in the docstrings are run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import xray_helper

PACKAGE = Path(xray_helper.__file__).parent
MODULES = [
    ".".join((PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.stem != "__init__" and PACKAGE / "spark" not in path.parents  # Spark's part imports PySpark
]
WITH_EXAMPLES = {
    "ids",
    "header",
    "settings",
    "guard",
    "step",
    "api",
    "parent",
    "segments",
    "annotations",
    "names",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted > 0 or name.rpartition(".")[2] not in WITH_EXAMPLES
