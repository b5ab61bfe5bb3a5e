# SPDX-License-Identifier: Apache-2.0
"""A job's definition, read in the shape in which ``UpdateJob`` takes it.

``UpdateJob`` replaces the whole definition, so what is written back is all that was read, but for what Glue
computes.
Source: JobUpdate, AWS Glue Web API Reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from glue_xray.attach.errors import AttachError, sentences

Definition = dict[str, Any]
_READ_ONLY: Final = frozenset({"Name", "CreatedOn", "LastModifiedOn", "ProfileName"})
_NOT_FOUND: Final = "EntityNotFoundException"
_DIGEST_DIGITS: Final = 16


@dataclass(frozen=True)
class Job:
    """A job: its name, its definition, and the usage profile that Glue gave it."""

    name: str
    definition: Definition
    profile: str = ""

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Job:
        """Take what GetJob or GetJobs returns."""
        return cls(str(described["Name"]), updatable(described), str(described.get("ProfileName", "")))


def read(glue: Any, name: str, *, force: bool = False) -> Job:
    """Read a job.

    Parameters
    ----------
    glue
        A client.
    force
        Whether to go on without the members that this installation of the AWS SDK does not know.

    Raises
    ------
    AttachError
        There is none of this name, or it has such members: they would be lost in the writing.
    """
    unknown: list[str] = []

    def compare(response_dict: Mapping[str, Any], **_: Any) -> None:
        answer = json.loads(response_dict["body"] or b"{}").get("Job", {})
        unknown.extend(_unknown(answer, glue.meta.service_model.shape_for("Job"), ""))

    event = "response-received.glue.GetJob"
    glue.meta.events.register(event, compare)
    try:
        with sentences("the job cannot be read"):
            described = glue.get_job(JobName=name)["Job"]
    except AttachError as error:
        if _NOT_FOUND in str(error):
            raise AttachError(f"there is no job of this name in {glue.meta.region_name}") from None
        raise
    finally:
        glue.meta.events.unregister(event, compare)
    if unknown and not force:
        raise AttachError(
            f"this boto3 does not know {', '.join(unknown)} of the job, and would lose it: "
            "pip install -U boto3, or --force"
        )
    return Job.of(described)


def write(glue: Any, before: Job, definition: Definition) -> None:
    """Write a definition, unless the job has changed since it was read.

    Raises
    ------
    AttachError
        It was not written.
    """
    if read(glue, before.name, force=True) != before:
        raise AttachError("somebody changed the job just now: run the command again")
    with sentences("the job cannot be updated"):
        glue.update_job(JobName=before.name, JobUpdate=definition)


def updatable(described: Mapping[str, Any]) -> Definition:
    """Return what UpdateJob takes of what GetJob returns.

    GetJob adds the capacity that it computes from the workers, and the deprecated ``AllocatedCapacity``;
    UpdateJob refuses two of these together.

    Examples
    --------
    >>> updatable({"Name": "a", "WorkerType": "G.1X", "MaxCapacity": 2.0, "AllocatedCapacity": 2})
    {'WorkerType': 'G.1X'}
    """
    left_out = set(_READ_ONLY)
    if described.get("WorkerType"):
        left_out |= {"AllocatedCapacity", "MaxCapacity"}
    elif "MaxCapacity" in described:
        left_out.add("AllocatedCapacity")
    return {name: value for name, value in described.items() if name not in left_out}


def digest(definition: Definition) -> str:
    """Identify a definition by its content."""
    text = json.dumps(definition, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_DIGITS]


def _unknown(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Yield the members of an answer that the SDK's model lacks, with their paths."""
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, inner in value.items():
            if name not in shape.members:
                yield f"{path}{name}"
            else:
                yield from _unknown(inner, shape.members[name], f"{path}{name}.")
    elif shape.type_name == "map" and isinstance(value, dict):
        for inner in value.values():
            yield from _unknown(inner, shape.value, path)
    elif shape.type_name == "list" and isinstance(value, list):
        for inner in value:
            yield from _unknown(inner, shape.member, path)
