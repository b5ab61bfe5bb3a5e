# SPDX-License-Identifier: Apache-2.0
"""The examples in the docstrings are run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import xray_common
import xray_helper

PACKAGES = [Path(str(package.__file__)).parent for package in (xray_common, xray_helper)]
MODULES = [
    ".".join((package.name, *path.relative_to(package).with_suffix("").parts))
    for package in PACKAGES
    for path in sorted(package.rglob("*.py"))
    if path.stem != "__init__" and package / "spark" not in path.parents  # Spark's part imports PySpark
]
WITH_EXAMPLES = {
    "ids",
    "trace_header",
    "settings",
    "error_boundary",
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
