# SPDX-License-Identifier: Apache-2.0
"""A run reads the object version that started it, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from transforms.errors import InputError
from transforms.reading.version import check_version

KEY = "input/a b+c%20.csv"
URI = f"s3://data/{KEY}"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="data")
        client.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
        yield client


def test_the_version_that_started_the_run_is_read(s3: Any) -> None:
    version = s3.put_object(Bucket="data", Key=KEY, Body=b"1")["VersionId"]
    check_version(URI, version)


def test_an_overwritten_version_is_told_with_the_newer_one(s3: Any) -> None:
    older = s3.put_object(Bucket="data", Key=KEY, Body=b"1")["VersionId"]
    newer = s3.put_object(Bucket="data", Key=KEY, Body=b"2")["VersionId"]
    with pytest.raises(InputError) as told:
        check_version(URI, older)
    assert str(told.value).startswith(f"{URI} was overwritten before this run could read it")
    assert newer in str(told.value)


def test_an_object_that_is_gone_is_left_to_the_reader(s3: Any) -> None:
    version = s3.put_object(Bucket="data", Key=KEY, Body=b"1")["VersionId"]
    s3.delete_object(Bucket="data", Key=KEY)
    check_version(URI, version)


@pytest.mark.parametrize(("uri", "version"), [(URI, ""), ("file:///data/a.csv", "v1")])
def test_without_a_version_or_s3_nothing_is_asked(uri: str, version: str) -> None:
    check_version(uri, version)
