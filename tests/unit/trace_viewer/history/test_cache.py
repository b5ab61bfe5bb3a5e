# SPDX-License-Identifier: Apache-2.0
"""Runs on disk: whole or not at all, the user's alone, no more than so many bytes."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.trace_viewer.history.samples import run_number
from trace_viewer.history.cache import SETTLED_S, Cache, NoCache, default_folder

RUN = run_number(1, stage={"spark.stage.cores.available": 4.0}, step={"spark.step.stages": [7]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "runs"


def test_a_run_comes_back_as_it_was(folder: Path) -> None:
    Cache(folder).put(RUN)
    assert Cache(folder).get(RUN.id) == RUN
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_may_still_change_is_not_kept(folder: Path) -> None:
    cache = Cache(folder, clock=lambda: RUN.end + SETTLED_S - 1)
    cache.put(RUN)
    Cache(folder).put(replace(RUN, state="running"))
    NoCache(folder).put(RUN)
    assert not folder.exists()


@pytest.mark.parametrize("trace_id", ["", "../../etc/passwd", f"{RUN.id}/../x", "1-2-3"])
def test_a_name_that_is_no_trace_id_is_no_file(folder: Path, trace_id: str) -> None:
    cache = Cache(folder)
    cache.put(replace(RUN, id=trace_id))
    assert cache.get(trace_id) is None
    assert not folder.exists()


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"id": "x"}', '{"steps": 1}', '{"steps": [], "jobs": [], "more": 1}']
)
def test_a_damaged_file_is_as_if_it_were_not_there(folder: Path, damage: str) -> None:
    cache = Cache(folder)
    cache.put(RUN)
    (path,) = folder.iterdir()
    path.write_text(damage)
    assert cache.get(RUN.id) is None


def test_a_file_of_another_run_is_not_believed(folder: Path) -> None:
    cache = Cache(folder)
    cache.put(RUN)
    (path,) = folder.iterdir()
    other = run_number(2)
    path.rename(path.with_name(path.name.replace(RUN.id, other.id)))
    assert cache.get(other.id) is None


def test_the_run_that_was_asked_for_longest_ago_goes_first(folder: Path) -> None:
    runs = [run_number(number) for number in range(6)]
    cache = Cache(folder)
    for run in runs:
        cache.put(run)
    sizes = [path.stat().st_size for path in folder.iterdir()]
    for age, run in enumerate(runs):
        (path,) = folder.glob(f"{run.id}.*")
        os.utime(path, (age, age))
    assert cache.get(runs[0].id)  # asked for now
    Cache(folder, max_bytes=sum(sizes) - 1).trim()
    assert [run.id for run in runs if not cache.get(run.id)] == [runs[1].id]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "runs")
    cache.put(RUN)
    cache.trim()
    assert cache.get(RUN.id) is None


def test_no_text_of_the_trace_but_names_is_kept(folder: Path) -> None:
    failed = {"fault": True, "cause": {"exceptions": [{"id": "e", "type": "E", "message": "s3://secret"}]}}
    Cache(folder).put(run_number(1, fields=failed, job={"input_uri": "s3://private/customers.csv"}))
    (path,) = folder.iterdir()
    assert "s3://" not in path.read_text()
    assert json.loads(path.read_text())["state"] == "failed"


def test_the_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "glue-xray" / "runs"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")  # to be ignored, says the specification
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".cache" / "glue-xray" / "runs"
