# SPDX-License-Identifier: Apache-2.0
"""The examples in the docstrings are run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import xray_helper
from xray_helper import translator

MODULES = [
    *(
        f"xray_helper.{module.name}"
        for module in pkgutil.iter_modules(xray_helper.__path__)
        if not module.ispkg
    ),
    *(f"xray_helper.translator.{module.name}" for module in pkgutil.iter_modules(translator.__path__)),
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
