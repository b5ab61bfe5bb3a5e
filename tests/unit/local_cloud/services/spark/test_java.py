# SPDX-License-Identifier: Apache-2.0
"""Which Java runs Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_cloud.services.spark import java, own


def make(folder: Path, version: str) -> Path:
    """Make what a Java's home looks like from outside."""
    command = folder / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\nOS_NAME="Linux"\n')
    return folder


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The packaged Java is 17.0.9, and there is no other."""
    home = make(tmp_path / "packaged", "17.0.9")
    monkeypatch.setattr(java, "packaged_home", lambda: home)
    for name in ("LOCAL_CLOUD_JAVA_HOME", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return home


def test_without_java_on_the_machine_the_packaged_one_runs(packaged: Path) -> None:
    assert java.java_home() == packaged


@pytest.mark.parametrize(
    ("version", "preferred"),
    [
        ("17.0.15", True),
        ("17.0.10.1", True),
        ("17.0.9", False),
        ("17.0.8", False),
        ("21.0.8", False),
        ("11.0.20", False),
    ],
)
@pytest.mark.parametrize("way", ["JAVA_HOME", "PATH"])
def test_the_machines_java_runs_where_it_is_a_newer_17(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, preferred: bool, way: str
) -> None:
    home = make(tmp_path / "machine", version)
    monkeypatch.setenv(way, str(home if way == "JAVA_HOME" else home / "bin"))
    assert java.java_home() == (home if preferred else packaged)


def test_a_link_on_the_path_leads_to_the_home(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Debian's /usr/bin/java does."""
    home = make(tmp_path / "jvm" / "java-17", "17.0.15")
    (tmp_path / "usr-bin").mkdir()
    (tmp_path / "usr-bin" / "java").symlink_to(home / "bin" / "java")
    monkeypatch.setenv("PATH", str(tmp_path / "usr-bin"))
    assert java.java_home() == home


def test_a_home_that_is_no_java_is_passed_over(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make(tmp_path / "machine", "17.0.15")
    (home / "bin" / "java").unlink()
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert java.java_home() == packaged
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert java.java_home() == packaged


def test_a_java_can_be_named(packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_CLOUD_JAVA_HOME", str(tmp_path / "other"))
    assert java.java_home() == tmp_path / "other"


def test_a_spark_configuration_of_the_users_own_stays(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_CONF_DIR", "/mine")
    assert own.variables(tmp_path, endpoint="http://127.0.0.1:9") == {"JAVA_HOME": str(packaged)}
