# SPDX-License-Identifier: Apache-2.0
"""``glue-xray detach JOB``: put a job's definition back."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final

from glue_xray.attach import rights
from glue_xray.attach.change import detached
from glue_xray.attach.clients import Clients, for_each, job_name
from glue_xray.attach.definition import read, write
from glue_xray.attach.difference import difference
from glue_xray.attach.mark import Mark

PROGRAM: Final = "glue-xray detach"


def main(line: Sequence[str]) -> int:
    """Detach the jobs that are named.

    Example
    -------
    `glue-xray detach nightly-orders`
    """
    options = _parser().parse_args(line)
    return for_each(PROGRAM, options.jobs, lambda clients, name: _detach(clients, name, options))


def _detach(clients: Clients, name: str, options: argparse.Namespace) -> None:
    job = read(clients.glue, name, force=options.force)
    mark = Mark.of(job.definition)
    if mark is None:
        print(f"{name}: it is not attached")
        return
    definition, exact = detached(job.definition, mark)
    if options.dry_run:
        print(difference(name, job.definition, definition, state="detached"), end="")
        return
    write(clients.glue, job, definition)
    print(
        f"{name}: detached, its definition is the one of before"
        if exact
        else f"{name}: detached; somebody edited the job since it was attached, and that stays"
    )
    print(f"{name}: {mark.folder}/ stays, for runs under way and other jobs; delete it when none uses it")
    if mark.role:
        rights.revoke(clients.iam, mark.role, name)
        print(f"{name}: the policy {rights.policy_name(name)} of the role {mark.role} is removed")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Put Glue jobs back that were attached.")
    parser.add_argument("jobs", nargs="+", metavar="JOB", type=job_name)
    parser.add_argument(
        "--force", action="store_true", help="lose members of the job that boto3 does not know"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    return parser
