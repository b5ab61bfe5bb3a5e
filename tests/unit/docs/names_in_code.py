# SPDX-License-Identifier: Apache-2.0
"""The names of attributes that the library's code has, by its string constants."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

from xray_helper.spark.spans.totals import Totals

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = ("glue_jobs/xray_helper", "glue_jobs/xray_common")
_NAME: Final = re.compile(r"(aws|code|finding|glue|spark|xray)(\.[a-z][a-z0-9_]*)+")


def attribute_names() -> set[str]:
    """Return every constant that has the form of an attribute's name, and those of ``Totals``."""
    totals = {f"spark.{field.name.replace('__', '.')}" for field in fields(Totals)}
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    found = (name for path in files for name in _constants(ast.parse(path.read_text(encoding="utf-8"))))
    return totals | {name for name in found if _NAME.fullmatch(name)}


def _constants(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
