# SPDX-License-Identifier: Apache-2.0
"""What the wheel holds, and that AWS gets the same."""

from __future__ import annotations

import zipfile
from pathlib import Path

from stacks.packages import glue_library_zip
from tests.integration.package.conftest import ROOT

PACKAGES = {
    "glue_tracing": ROOT / "glue_tracing",
    "glue_xray": ROOT / "glue_xray",
    "local_cloud": ROOT / "local_cloud",
    "loopback": ROOT / "loopback",
    "trace_viewer": ROOT / "trace_viewer",
    "xray_common": ROOT / "glue_jobs" / "xray_common",
    "xray_helper": ROOT / "glue_jobs" / "xray_helper",
}
LEFT_OUT = {".pyc", ".in"}  # what Python makes by itself, and what `make lock` reads


def _members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as content:
        return {name: content.read(name) for name in content.namelist() if not name.endswith("/")}


def test_it_holds_every_file_of_its_packages_and_no_other(wheel: Path) -> None:
    sources = {
        f"{package}/{file.relative_to(folder).as_posix()}": file.read_bytes()
        for package, folder in PACKAGES.items()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in LEFT_OUT
    }
    packed = {name: data for name, data in _members(wheel).items() if ".dist-info/" not in name}
    assert packed == sources
    assert {f"{package}/py.typed" for package in PACKAGES} <= packed.keys()


def test_the_stack_ships_the_library_of_the_wheel(wheel: Path) -> None:
    def library(archive: Path) -> dict[str, bytes]:
        return {
            name: data
            for name, data in _members(archive).items()
            if name.startswith(("xray_", "glue_xray")) and not name.endswith(".pyc")
        }

    shipped = library(glue_library_zip())
    assert shipped == {name: data for name, data in library(wheel).items() if name.startswith("xray_")}
