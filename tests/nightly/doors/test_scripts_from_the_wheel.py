# SPDX-License-Identifier: Apache-2.0
"""The scripts of the truth suite, run by an installed wheel in a folder outside of the repository.

That suite holds their spans against Spark's event log; here it is the whole door that counts: what a person
installs, types and sees. What a script must print and how it must end is what Python does with it untraced.
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
from tests.nightly.doors.local_shell import Done, LocalShell
from tests.spark.xray_helper.script_pipelines import FOLDER, SCRIPTS, expected_steps

__all__ = ["install", "wheel"]  # fixtures

_PACKAGES: Final = ("numpy", "pandas", "pyarrow", "pyspark", "awsgluedataplanepython")  # a user's own
_ORDERS: Final = "".join(f"{i},t{i % 5},{i * 0.5},n{i % 50},o{i}\n" for i in range(2000))


@pytest.fixture(scope="module")
def laptop(install: Install) -> Installation:
    made = install("[viewer,local]")  # local brings Java
    made.install(*(f"{package}=={version(package)}" for package in _PACKAGES))
    shutil.copytree(FOLDER, made.folder / "scripts")
    (made.folder / "data").mkdir()
    (made.folder / "data" / "orders.csv").write_text(f"id,town,price,name,other\n{_ORDERS}")
    return made


@pytest.fixture(scope="module")
def shell(laptop: Installation) -> Iterator[LocalShell]:
    with LocalShell(laptop) as opened:
        yield opened


def test_there_are_enough() -> None:
    assert len(SCRIPTS) >= 12
    assert sum(name.startswith("glue_") for name in SCRIPTS) >= 4


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_is_traced_as_it_is(laptop: Installation, shell: LocalShell, name: str) -> None:
    script, output = f"scripts/{SCRIPTS[name].relative_to(FOLDER)}", laptop.folder / "out"
    of_glue = ["--JOB_NAME", name, "--input", (laptop.folder / "data").as_uri(), "--output", str(output)]
    line = [script, *(of_glue if name.startswith("glue_") else [str(output)])]
    plain = shell.run("python", *line)
    shutil.rmtree(output, ignore_errors=True)
    page, trace = f"{name}.html", f"{name}.json"
    traced = shell.run("glue-xray", "run", "--html", page, *line)
    shutil.rmtree(output, ignore_errors=True)

    assert (traced.code, traced.stdout) == (plain.code, plain.stdout), traced.stderr
    assert _own_frames(traced) == _own_frames(plain)
    laptop.run("glue-xray", "view", page, "--json", trace)
    segments = json.loads((laptop.folder / trace).read_text())["Segments"]
    documents = [json.loads(segment["Document"]) for segment in segments]
    seen = Counter(name for document in documents for name in _names(document))
    expected = {step: times for step, (times, _) in expected_steps(name).items()}
    assert expected, plain.stderr  # what a script says of itself holds only if it ran
    assert {step: seen[step] for step in expected} == expected, plain.stderr


def _own_frames(done: Done) -> list[str]:
    """Return the lines of tracebacks that name a file, and the sentence behind the last of them."""
    lines = done.stderr.splitlines()
    files = [line for line in lines if line.startswith('  File "')]
    return [*files, *(lines[-1:] if done.code == 1 else [])]


def _names(document: dict[str, Any]) -> Iterator[str]:
    yield document["name"]
    for below in document.get("subsegments", ()):
        yield from _names(below)
