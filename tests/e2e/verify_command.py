# SPDX-License-Identifier: Apache-2.0
"""``make verify`` as a process against a local cloud, and what it reports."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import boto3

from demo.paths import ROOT
from local_cloud import LocalCloud
from local_cloud.environment import command_environment
from tests.signals import default_signals
from tests.verify.run import OUTPUT

TIMEOUT_S = 500
Content = dict[str, Any]


def start(cloud: LocalCloud) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "tests.verify", "--yes"],
        cwd=ROOT,
        env=command_environment(cloud.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=default_signals,
    )


def report() -> Content:
    content: Content = json.loads((OUTPUT / "report.json").read_text())
    return content


def by_verified(content: Content, verified: bool | None) -> set[str]:
    return {check["id"] for check in content["checks"] if check["verified"] is verified}


def stacks(cloud: LocalCloud) -> set[str]:
    found = client(cloud, "cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in found if stack["StackStatus"] != "DELETE_COMPLETE"}


def client(cloud: LocalCloud, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        **cloud.credentials,
    )
