# SPDX-License-Identifier: Apache-2.0
"""CreateJob and UpdateJob, against what AWS documents of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_cloud.emulator import ApiError, service
from local_cloud.services.glue import definitions

_COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://b/a.py", "PythonVersion": "3"}
_SHELL = {"Name": "pythonshell", "ScriptLocation": "s3://b/a.py", "PythonVersion": "3.9"}


@pytest.fixture(autouse=True)
def _no_jobs() -> Iterator[None]:
    yield
    service("glue").reset()


def _created(command: dict[str, str] | None = None, **members: Any) -> dict[str, Any]:
    definitions.create_job({"Name": "a", "Role": "r", "Command": command or _COMMAND, **members})
    return definitions.find("a")


def test_an_update_replaces_what_it_is_not_told() -> None:
    before = _created(
        Description="of mine", DefaultArguments={"--day": "1"}, Connections={"Connections": ["c"]}
    )
    definitions.update_job({"JobName": "a", "JobUpdate": {"Role": "r", "Command": _COMMAND}})

    after = definitions.find("a")
    assert {"Description", "Connections"}.isdisjoint(after)
    assert after["DefaultArguments"] == {}
    assert after["CreatedOn"] == before["CreatedOn"]
    assert before["Description"] == "of mine"  # a run under way keeps what it started with


def test_every_member_of_an_update_is_kept() -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("glue")
    known = set(model.shape_for("JobUpdate").members)
    assert set(definitions.MEMBERS) == known - {"AllocatedCapacity"}  # shown as it is computed


@pytest.mark.parametrize(
    ("command", "given", "shown"),
    [
        (_COMMAND, {"WorkerType": "G.2X", "NumberOfWorkers": 3}, (6.0, 6)),
        (_COMMAND, {"MaxCapacity": 4.0}, (4.0, 4)),
        (_SHELL, {}, (0.0625, 0)),
        (_SHELL, {"MaxCapacity": 1.0}, (1.0, 1)),
    ],
)
def test_capacity_is_shown_in_all_ways(
    command: dict[str, str], given: dict[str, Any], shown: tuple[float, int]
) -> None:
    job = _created(command, **given)
    assert (job["MaxCapacity"], job["AllocatedCapacity"]) == shown
    assert ("WorkerType" in job) == ("WorkerType" in given)


@pytest.mark.parametrize(
    "given",
    [
        {"WorkerType": "G.1X", "NumberOfWorkers": 2, "MaxCapacity": 2.0},
        {"MaxCapacity": 2.0, "AllocatedCapacity": 2},
        {"WorkerType": "G.1X", "NumberOfWorkers": 2, "AllocatedCapacity": 2},
        {"Role": ""},
    ],
)
def test_what_getjob_shows_cannot_all_be_sent_back(given: dict[str, Any]) -> None:
    _created()
    with pytest.raises(ApiError) as raised:
        definitions.update_job({"JobName": "a", "JobUpdate": {"Role": "r", "Command": _COMMAND, **given}})
    assert raised.value.code == "InvalidInputException"


def test_tags_are_no_member_of_a_job() -> None:
    assert "Tags" not in _created(Tags={"team": "data"})
    glue = service("glue")
    assert glue._tags[glue._arn("job", "a")] == {"team": "data"}
