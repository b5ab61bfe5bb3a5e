# SPDX-License-Identifier: Apache-2.0
"""Deploy synthesized CDK stacks without the CDK CLI: assets to S3, templates to CloudFormation."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from tests.waiting import Client, wait_until

_ASSETS = "cdk-hnb659fds-assets-000000000000-us-east-1"
_SECONDS = 240.0  # until a stack has settled


def publish(aws: Client, directory: Path, stack: str) -> None:
    """Put what a stack refers to where its template looks for it."""
    s3 = aws("s3")
    s3.create_bucket(Bucket=_ASSETS)
    manifest = json.loads((directory / f"{stack}.assets.json").read_text())
    for asset in manifest["files"].values():
        path = directory / asset["source"]["path"]
        body = path.read_bytes() if path.is_file() else _zipped(path)
        for place in asset["destinations"].values():
            s3.put_object(Bucket=_ASSETS, Key=place["objectKey"], Body=body)


def deploy(aws: Client, directory: Path, stack: str, *, update: bool = False) -> dict[str, Any]:
    """Create or update a stack; return it as it is when it has settled."""
    publish(aws, directory, stack)
    operation = aws("cloudformation").update_stack if update else aws("cloudformation").create_stack
    answer = operation(
        StackName=stack,
        TemplateBody=(directory / f"{stack}.template.json").read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    return settled(aws, answer["StackId"])


def destroy(aws: Client, stack_id: str) -> dict[str, Any]:
    """Delete a stack; return it as it is when it has settled."""
    aws("cloudformation").delete_stack(StackName=stack_id)
    return settled(aws, stack_id)


def settled(aws: Client, stack_id: str) -> dict[str, Any]:
    """Wait until nothing is in progress."""

    def described() -> dict[str, Any] | None:
        stack: dict[str, Any] = aws("cloudformation").describe_stacks(StackName=stack_id)["Stacks"][0]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    found: dict[str, Any] = wait_until(described, seconds=_SECONDS)
    return found


def failures(aws: Client, stack_id: str) -> list[str]:
    """Return the reasons of a stack's failed events, newest first."""
    events = aws("cloudformation").describe_stack_events(StackName=stack_id)["StackEvents"]
    return [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def _zipped(directory: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(directory.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(directory))
    return packed.getvalue()
