# SPDX-License-Identifier: Apache-2.0
"""A cloud for the tests of this folder, and what they share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud import LocalCloud
from tests.waiting import Client


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(wait_scale=0.1) as running:
        yield running


@pytest.fixture(scope="session")
def aws(cloud: LocalCloud) -> Client:
    """Make clients of the cloud that never repeat a request by themselves."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            **cloud.credentials,
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )

    return client


@pytest.fixture(scope="session")
def bucket(aws: Client) -> str:
    aws("s3").create_bucket(Bucket="tests")
    return "tests"
