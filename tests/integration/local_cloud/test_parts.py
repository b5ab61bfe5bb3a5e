# SPDX-License-Identifier: Apache-2.0
"""Optional parts are there when asked for, and only then."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest

from local_cloud import LocalCloud
from tests.waiting import Client, wait_until

PART = "tests.integration.local_cloud.example_part"
TEMPLATE = {
    "Resources": {"Thing": {"Type": "Example::Echo::Thing"}},
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Thing", "Arn"]}}},
}


def _ask(cloud: LocalCloud) -> bytes:
    scope = "AKIA/20260101/us-east-1/echo/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Security-Token": cloud.credentials["aws_session_token"],
    }
    request = urllib.request.Request(f"{cloud.endpoint}/a/path", headers=headers)  # noqa: S310 - our own
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own address
        content: bytes = answer.read()
    return content


def test_a_part_adds_a_service_and_a_resource_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with LocalCloud(parts=[PART]) as cloud:
        assert _ask(cloud) == b"/a/path"
        client = boto3.client(
            "cloudformation",
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            **cloud.credentials,
        )
        client.create_stack(StackName="example", TemplateBody=json.dumps(TEMPLATE))

        def outputs() -> list[dict[str, str]]:
            found: list[dict[str, str]] = client.describe_stacks(StackName="example")["Stacks"][0].get(
                "Outputs", []
            )
            return found

        assert wait_until(outputs)[0]["OutputValue"] == "arn:Thing"
    assert (tmp_path / "example-part-closed").exists()


def test_without_asking_there_is_no_part(cloud: LocalCloud, aws: Client) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        _ask(cloud)
