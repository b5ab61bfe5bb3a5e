# SPDX-License-Identifier: Apache-2.0
"""``glue-xray attach JOB``: read the job, merge, write it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Final

from glue_xray.attach import rights
from glue_xray.attach.clients import Clients, for_each, job_name
from glue_xray.attach.definition import read, write
from glue_xray.attach.difference import difference
from glue_xray.attach.plan import Plan, Wishes
from glue_xray.attach.readable import check_rights
from glue_xray.bundle import XRAY_OTLP
from xray_helper.run.command import STEPS

PROGRAM: Final = "glue-xray attach"
_MB: Final = 1_000_000


def main(line: Sequence[str]) -> int:
    """Attach the jobs that are named.

    Example
    -------
    `glue-xray attach --grant nightly-orders`
    """
    options = _parser().parse_args(line)
    wishes = Wishes(options.collector, options.steps, options.s3_prefix, options.grant)

    def attach(clients: Clients, name: str) -> None:
        job = read(clients.glue, name, force=options.force)
        plan = Plan.make(job, wishes, region=clients.region, partition=clients.partition)
        if options.dry_run:
            print(difference(name, job.definition, plan.after, state="attached"), end="")
            _print_policy(plan)
        else:
            _carry_out(clients, plan)

    return for_each(PROGRAM, options.jobs, attach)


def _carry_out(clients: Clients, plan: Plan) -> None:
    name, earlier = plan.job.name, plan.earlier
    _print_policy(plan)
    if not plan.mark.role:
        check_rights(clients.iam, plan, partition=clients.partition)
    plan.storage.put(clients.s3, runner=plan.runner, library=plan.library)
    if plan.mark.role:
        rights.grant(clients.iam, plan.role, name, plan.policy)
    write(clients.glue, plan.job, plan.after)
    size = plan.library.stat().st_size / _MB
    print(f"{name}: attached, glue-xray {plan.mark.version}; {size:.1f} MB are in {plan.storage.uri}/")
    if plan.job.profile:
        print(f"{name}: its usage profile {plan.job.profile} is now that of whoever ran this command")
    if earlier and earlier.role not in ("", plan.mark.role):
        rights.revoke(clients.iam, earlier.role, name)


def _print_policy(plan: Plan) -> None:
    does = "gets" if plan.mark.role else "needs"
    print(f"{plan.job.name}: its role {rights.role_name(plan.role)} {does} this policy:")
    print(json.dumps(plan.policy, indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Trace Glue jobs that are deployed already.")
    add = parser.add_argument
    add("jobs", nargs="+", metavar="JOB", type=job_name)
    add("--collector", metavar="URL", type=_collector, help="an OpenTelemetry collector; xray: X-Ray's own")
    add("--steps", choices=STEPS, help="as for `glue-xray run`")
    add("--s3-prefix", metavar="URI", type=_folder, help="where files go; default: beside the job's script")
    add("--grant", action="store_true", help="add what the role needs as an inline policy")
    add("--dry-run", action="store_true", help="show what would change, and change nothing")
    add("--force", action="store_true", help="lose members of the job that boto3 does not know")
    return parser


def _collector(text: str) -> str:
    if text == XRAY_OTLP or text.startswith(("http://", "https://")):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is neither a URL, http://HOST:4318, nor {XRAY_OTLP}")


def _folder(text: str) -> str:
    if text.startswith("s3://") and text[len("s3://") :].partition("/")[0]:
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is not on S3: write s3://BUCKET/FOLDER")
