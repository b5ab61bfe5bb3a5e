# SPDX-License-Identifier: Apache-2.0
"""What attaching a job would do: read, merged, and not yet written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from glue_xray import bundle
from glue_xray.attach import rights
from glue_xray.attach.change import attached, detached, script_location
from glue_xray.attach.definition import Definition, Job, digest
from glue_xray.attach.errors import AttachError
from glue_xray.attach.mark import Mark
from glue_xray.attach.options import library_options
from glue_xray.attach.storage import Storage
from glue_xray.attach.target import python_of

_COLLECTOR: Final = "otlp_endpoint"
_STEPS: Final = "steps"


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for; what it does not, stays as it was at an earlier time."""

    collector: str | None = None
    steps: str | None = None
    s3_prefix: str | None = None
    grant: bool = False


@dataclass(frozen=True)
class Plan:
    """What attaching one job would do.

    Attributes
    ----------
    job
        As it is now.
    earlier
        Its mark, where it is attached already.
    storage, library, runner
        What is uploaded, and where to.
    mark
        The argument that the job gets.
    after
        The definition that the job gets.
    policy
        What its role needs.
    """

    job: Job
    earlier: Mark | None
    storage: Storage
    library: Path
    runner: str
    mark: Mark
    after: Definition
    policy: dict[str, Any]

    @classmethod
    def make(cls, job: Job, wishes: Wishes, *, region: str, partition: str) -> Plan:
        """Make the plan; nothing in AWS is changed.

        Raises
        ------
        AttachError
            The job is of a kind that cannot be attached, or the library cannot be built.
        """
        earlier = Mark.of(job.definition)
        original = detached(job.definition, earlier).definition if earlier else job.definition
        library = _library(python_of(original))
        script = script_location(original)
        kept = Storage(earlier.folder) if earlier and not wishes.s3_prefix else None
        storage = kept or Storage.beside(script, wishes.s3_prefix)
        chosen = _chosen(wishes, earlier.options if earlier else {})
        grants = wishes.grant or bool(earlier and earlier.role)
        mark = Mark(
            script=script,
            library=storage.library(library),
            original=digest(original),
            role=rights.role_name(str(original["Role"])) if grants else "",
            options=library_options(job.name, original, chosen),
        )
        runner = storage.runner_of(script)
        policy = rights.policy(
            storage.uri,
            role=str(original["Role"]),
            collector=chosen[_COLLECTOR],
            region=region,
            partition=partition,
        )
        return cls(job, earlier, storage, library, runner, mark, attached(original, mark, runner), policy)

    @property
    def role(self) -> str:
        """The job's role, by name or ARN."""
        return str(self.job.definition["Role"])


def _chosen(wishes: Wishes, earlier: Mapping[str, str]) -> dict[str, str | None]:
    asked = {_COLLECTOR: wishes.collector, _STEPS: wishes.steps}
    return {name: value or earlier.get(name) for name, value in asked.items()}


def _library(python: str) -> Path:
    """Build the zip, or find it: one for all jobs of a Python."""
    try:
        return bundle.library_zip(python)
    except RuntimeError as error:
        raise AttachError(str(error)) from None
