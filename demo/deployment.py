# SPDX-License-Identifier: Apache-2.0
"""The application in the account of the environment: deploy it, destroy it, and find what it left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3

from demo import cdk, inventory
from demo.clock import Stopwatch
from demo.display import console, part


def clear(output: Path) -> None:
    """Empty a folder, or make it."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)


def deploy(
    application: cdk.Application, further: Iterable[inventory.Listing] = ()
) -> tuple[set[str], dict[str, dict[str, str]]]:
    """Bootstrap, synthesize, deploy; return what there was before, and the outputs by stack.

    Parameters
    ----------
    application
        What to deploy.
    further
        Kinds of resources that the application has beside ``inventory.LISTINGS``.
    """
    with part("cdk bootstrap, cdk synth") as show:
        application.prepare(cdk.environment_name(boto3.client("sts")), show)
    before = inventory.take(further)
    with part("cdk deploy") as show:
        return before, application.deploy(show)


def count_resources(stacks: list[str]) -> int:
    """Return how many resources these stacks have."""
    paginator = boto3.client("cloudformation").get_paginator("list_stack_resources")
    pages = (page for stack in stacks for page in paginator.paginate(StackName=stack))
    return sum(len(page["StackResourceSummaries"]) for page in pages)


def destroy(
    application: cdk.Application, before: set[str], further: Iterable[inventory.Listing] = ()
) -> list[str]:
    """Destroy every stack; return what is left that was not there before."""
    with part("cdk destroy") as show:
        application.destroy(show)
    return sorted(inventory.take(further) - before)


def finish(report: dict[str, Any], watch: Stopwatch, output: Path, *, status: str) -> None:
    """Write the summary and show the end of it."""
    report["seconds"] = watch.seconds
    (output / "summary.json").write_text(json.dumps(report, indent=2) + "\n")
    seconds = ", ".join(f"{name} {value:.0f} s" for name, value in watch.seconds.items())
    rows = "no rows counted" if report["rows_read"] is None else f"{report['rows_read']} rows read"
    console.print(f"{status}: {rows}, {seconds}")
    console.print(f"left behind: {', '.join(report['leftovers']) or 'nothing'}")
    console.print(f"the trace as a page: {output / 'trace.html'}")
