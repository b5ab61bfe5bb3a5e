# SPDX-License-Identifier: Apache-2.0
"""``glue-xray status [JOB]``: which jobs are attached, with what, and what happened to them since."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from glue_xray.attach.change import detached, script_location
from glue_xray.attach.clients import Clients, for_all, for_each, job_name
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
    width = max(map(len, options.jobs), default=0)

    def show(clients: Clients, name: str) -> None:
        _show(read(clients.glue, name, force=True), width)

    return for_each(PROGRAM, options.jobs, show) if options.jobs else for_all(PROGRAM, _show_all)


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


def _show_all(clients: Clients) -> None:
    with sentences("the jobs cannot be listed"):
        pages = clients.glue.get_paginator("get_jobs").paginate()
        jobs = [Job.of(one) for page in pages for one in page["Jobs"]]
    width = max((len(job.name) for job in jobs), default=0)
    for job in jobs:
        _show(job, width)


def _show(job: Job, width: int) -> None:
    print(f"{job.name:{width}}  {state(job)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="List Glue jobs and whether they are traced.")
    parser.add_argument("jobs", nargs="*", metavar="JOB", type=job_name)
    return parser
