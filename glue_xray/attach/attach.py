# SPDX-License-Identifier: Apache-2.0
"""``glue-xray attach JOB``: read the job, merge, write it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from glue_xray import bundle
from glue_xray.attach import rights
from glue_xray.attach.change import attached, detached, script_location
from glue_xray.attach.clients import Clients
from glue_xray.attach.definition import Definition, Job, digest, read, write
from glue_xray.attach.difference import difference
from glue_xray.attach.errors import AttachError, for_each
from glue_xray.attach.mark import Mark
from glue_xray.attach.options import library_options
from glue_xray.attach.storage import Storage
from glue_xray.attach.target import python_of

PROGRAM: Final = "glue-xray attach"
_MB: Final = 1_000_000


def main(line: Sequence[str]) -> int:
    """Attach the jobs that are named.

    Example
    -------
    `glue-xray attach --grant nightly-orders`
    """
    options = _parser().parse_args(line)
    try:
        clients = Clients.make()
    except AttachError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1
    return for_each(
        PROGRAM,
        options.jobs,
        lambda name: _attach(clients, Plan.make(clients, name, options), options),
    )


@dataclass(frozen=True)
class Plan:
    """What attaching one job would do.

    Attributes
    ----------
    job
        As it is now.
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
    storage: Storage
    library: Path
    runner: str
    mark: Mark
    after: Definition
    policy: dict[str, Any]

    @classmethod
    def make(cls, clients: Clients, name: str, options: argparse.Namespace) -> Plan:
        """Read the job and make the plan; nothing is written."""
        job = read(clients.glue, name, force=options.force)
        earlier = Mark.of(job.definition)
        original = detached(job.definition, earlier).definition if earlier else job.definition
        python = python_of(original)
        script = script_location(original)
        storage, library = Storage.beside(script, options.s3_prefix), _library(python)
        mark = Mark(
            script=script,
            library=storage.library(library),
            original=digest(original),
            role=earlier.role if earlier else "",
            options=library_options(job.name, original, collector=options.collector, steps=options.steps),
        )
        runner = storage.runner_of(script)
        needed = rights.policy(
            [runner, mark.library], collector=options.collector, partition=clients.glue.meta.partition
        )
        after = attached(original, mark, runner)
        return cls(job, storage, library, runner, mark, after, needed)

    @property
    def role(self) -> str:
        """The job's role, by name or ARN."""
        return str(self.job.definition["Role"])

    def granted(self) -> Plan:
        """Return the plan of a job whose role gets the policy."""
        mark = replace(self.mark, role=rights.role_name(self.role))
        original = detached(self.after, self.mark).definition
        return replace(self, mark=mark, after=attached(original, mark, self.runner))


def _attach(clients: Clients, plan: Plan, options: argparse.Namespace) -> None:
    plan = plan.granted() if options.grant else plan
    name = plan.job.name
    if options.dry_run:
        print(difference(name, plan.job.definition, plan.after), end="")
        _print_policy(plan, "would get" if options.grant else "needs")
        return
    if not options.grant:
        _check_rights(clients, plan)
    plan.storage.put(clients.s3, runner=plan.runner, library=plan.library)
    if options.grant:
        rights.grant(clients.iam, plan.role, name, plan.policy)
    write(clients.glue, plan.job, plan.after)
    size = plan.library.stat().st_size / _MB
    print(f"{name}: attached, glue-xray {plan.mark.version}; {size:.1f} MB are in {plan.storage.uri}/")
    _print_policy(plan, "got" if options.grant else "needs")
    if plan.job.profile:
        print(f"{name}: its usage profile {plan.job.profile} is now that of whoever ran this command")


def _library(python: str) -> Path:
    """Build the zip, or find it: one for all jobs of a Python."""
    try:
        return bundle.library_zip(python)
    except RuntimeError as error:
        raise AttachError(str(error)) from None


def _check_rights(clients: Clients, plan: Plan) -> None:
    """Refuse to point a job to a script that its role cannot read: the job would fail.

    The look-up knows the role's own policies, not the bucket's: where it denies the present script too,
    which the job evidently reads, it proves nothing.
    """
    try:
        lacking = rights.lacking(clients.iam, plan.role, plan.policy)
        present = script_location(plan.job.definition)
        reads = rights.policy([present], collector=None, partition=clients.glue.meta.partition)
        blind = any("s3:" in one for one in rights.lacking(clients.iam, plan.role, reads))
    except AttachError as error:
        print(f"{PROGRAM}: {plan.job.name}: {error}", file=sys.stderr)
        return
    if any(one.startswith("s3:") for one in lacking) and not blind:
        _print_policy(plan, "needs")
        raise AttachError(
            f"its role lacks {', '.join(lacking)}, so the job is left as it is: "
            "add the policy above, or use --grant"
        )
    if lacking:
        print(f"{PROGRAM}: {plan.job.name}: its role lacks {', '.join(lacking)}", file=sys.stderr)


def _print_policy(plan: Plan, does: str) -> None:
    print(f"{plan.job.name}: its role {rights.role_name(plan.role)} {does} this policy:")
    print(json.dumps(plan.policy, indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Trace Glue jobs that are deployed already.")
    parser.add_argument("jobs", nargs="+", metavar="JOB")
    parser.add_argument(
        "--collector", metavar="URL", help="an OpenTelemetry collector, http://host:4318, or xray: X-Ray's "
        "OTLP endpoint; without it segments are written to X-Ray"
    )  # fmt: skip
    parser.add_argument("--steps", metavar="KIND", help="as `glue-xray run --steps`")
    parser.add_argument(
        "--s3-prefix", metavar="URI", help="where to put library and runner; default: beside the job's script"
    )
    parser.add_argument("--grant", action="store_true", help="add what the role needs as an inline policy")
    parser.add_argument(
        "--force", action="store_true", help="lose members of the job that boto3 does not know"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    return parser
