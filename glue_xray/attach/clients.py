# SPDX-License-Identifier: Apache-2.0
"""Clients of AWS, with the credentials and the region of the environment, and what is done with them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import boto3

from glue_xray.attach.errors import AttachError, sentences


@dataclass(frozen=True)
class Clients:
    """The services that the commands call."""

    glue: Any
    s3: Any
    iam: Any

    @property
    def region(self) -> str:
        """The region: ``eu-west-1``."""
        return str(self.glue.meta.region_name)

    @property
    def partition(self) -> str:
        """The partition of the region: ``aws``, ``aws-cn``, ``aws-us-gov``."""
        return str(self.glue.meta.partition)

    @classmethod
    def make(cls) -> Clients:
        """Make them; no call is made.

        The region is that of ``AWS_REGION`` first, as for the AWS CLI; boto3 does not look at it.

        Raises
        ------
        AttachError
            No region is set, or there is no such profile.
        """
        with sentences("AWS cannot be reached"):
            session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
            return cls(*(session.client(name) for name in ("glue", "s3", "iam")))


def job_name(text: str) -> str:
    """Read the name of a job on a command line.

    Raises
    ------
    argparse.ArgumentTypeError
        It is empty: often a variable of the shell that is not set.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("a job has no name: is a variable empty?")
    return text


def for_each(program: str, names: Iterable[str], act: Callable[[Clients, str], None]) -> int:
    """Act on each job, say what went wrong with some, and return the exit code."""
    try:
        clients = Clients.make()
    except AttachError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    failed = 0
    for name in names:
        try:
            act(clients, name)
        except AttachError as error:  # noqa: PERF203 - the other jobs have their turn
            print(f"{program}: {name}: {error}", file=sys.stderr)
            failed = 1
    return failed


def for_all(program: str, act: Callable[[Clients], None]) -> int:
    """Act on the region as a whole, say what went wrong, and return the exit code."""
    try:
        act(Clients.make())
    except AttachError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    return 0
