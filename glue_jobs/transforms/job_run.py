# SPDX-License-Identifier: Apache-2.0
"""The steps of the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from transforms.failures import explained
from xray_helper import Job, Step


@contextmanager
def explained_step(job: Job, name: str, uri: str) -> Iterator[Step]:
    """Trace a step; its failures are told in one sentence about the object that the job reads.

    Raises
    ------
    InputError, JobError
        See ``failures.explained``.
    """
    with job.step(name) as step, explained(uri, compressed=uri.endswith(".gz")):
        yield step
