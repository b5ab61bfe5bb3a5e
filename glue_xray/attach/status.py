# SPDX-License-Identifier: Apache-2.0
"""``glue-xray status [JOB]``: which jobs are attached, with what, and what happened to them since."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Final

from glue_xray.attach.change import detached, script_location
from glue_xray.attach.clients import Clients
from glue_xray.attach.definition import Job, read
from glue_xray.attach.errors import AttachError, sentences
from glue_xray.attach.mark import Mark
from glue_xray.attach.target import python_of

PROGRAM: Final = "glue-xray status"


def main(line: Sequence[str]) -> int:
    """List jobs, all of the region without a name.

    Example
    -------
    `glue-xray status`
    """
    options = _parser().parse_args(line)
    try:
        clients = Clients.make()
        jobs = list(_jobs(clients, options.jobs))
    except AttachError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1
    width = max((len(job.name) for job in jobs), default=0)
    for job in jobs:
        print(f"{job.name:{width}}  {state(job)}")
    return 0


def state(job: Job) -> str:
    """Return what there is to say about a job."""
    try:
        mark = Mark.of(job.definition)
    except AttachError as error:
        return str(error)
    if mark is None:
        return f"not attached{_obstacle(job)}"
    facts = [f"attached, glue-xray {mark.version}"]
    if mark.version != version("glue-xray"):
        facts.append("of another version than this command: attach it again")
    if not mark.runs(script_location(job.definition)):
        facts.append("its script was changed since and runs untraced: attach it again")
    elif not detached(job.definition, mark).exact:
        facts.append("edited since")
    return "; ".join(facts)


def _obstacle(job: Job) -> str:
    try:
        python_of(job.definition)
    except AttachError as error:
        return f", and cannot be: {error}"
    return ""


def _jobs(clients: Clients, names: Sequence[str]) -> Iterator[Job]:
    for name in names:
        yield read(clients.glue, name, force=True)
    if not names:
        with sentences("the jobs cannot be listed"):
            for page in clients.glue.get_paginator("get_jobs").paginate():
                yield from map(Job.of, page["Jobs"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="List Glue jobs and whether they are traced.")
    parser.add_argument("jobs", nargs="*", metavar="JOB")
    return parser
