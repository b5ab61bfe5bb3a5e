# SPDX-License-Identifier: Apache-2.0
"""The buckets: closed, versioned, and the uploads' way to the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.stacks.conftest import Synthesized

BUCKETS = ["DataBucket", "LogBucket"]


def statements(template: Synthesized, bucket: str) -> list[dict[str, Any]]:
    policy = template.only("AWS::S3::BucketPolicy", bucket)
    return list(policy["PolicyDocument"]["Statement"])


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_encrypted_versioned_and_closed_to_the_public(default: Synthesized, bucket: str) -> None:
    properties = default.only("AWS::S3::Bucket", bucket)
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_denies_plain_http_old_tls_and_other_accounts(default: Synthesized, bucket: str) -> None:
    conditions = [s["Condition"] for s in statements(default, bucket) if s["Effect"] == "Deny"]
    assert conditions == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": 1.2}},
        {
            "StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    ]


def test_every_upload_below_input_calls_the_function_whatever_its_extension(default: Synthesized) -> None:
    properties = default.only("AWS::S3::Bucket", "DataBucket")
    (rule,) = properties["NotificationConfiguration"]["LambdaConfigurations"]
    assert rule["Event"] == "s3:ObjectCreated:*"
    assert rule["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "input/"}]
    assert rule["Function"]["Fn::GetAtt"][0].startswith("IngestionFunction")


def test_an_upload_starts_nothing_where_somebody_else_starts_the_jobs(
    synth: Callable[..., Synthesized],
) -> None:
    template = synth(start_on_upload="disabled")
    assert "NotificationConfiguration" not in template.only("AWS::S3::Bucket", "DataBucket")
    assert template.of_type("AWS::Lambda::Permission") == {}


def test_s3_may_call_the_function_for_this_account_before_the_bucket_exists(default: Synthesized) -> None:
    permission = default.only("AWS::Lambda::Permission")
    assert permission["Principal"] == "s3.amazonaws.com"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    (id_,) = default.of_type("AWS::Lambda::Permission")
    (bucket,) = [r for name, r in default.resources.items() if name in _ids(default, "DataBucket")]
    assert id_ in bucket["DependsOn"]


def test_access_is_logged_that_to_the_logs_too(default: Synthesized) -> None:
    data = default.only("AWS::S3::Bucket", "DataBucket")["LoggingConfiguration"]
    assert data["DestinationBucketName"]["Ref"].startswith("LogBucket")
    assert data["LogFilePrefix"] == "access/data/"
    assert default.only("AWS::S3::Bucket", "LogBucket")["LoggingConfiguration"] == {
        "LogFilePrefix": "access/logs/"
    }


def test_access_logs_are_a_choice(synth: Callable[..., Synthesized]) -> None:
    template = synth(access_logs="disabled")
    for properties in template.of_type("AWS::S3::Bucket").values():
        assert "LoggingConfiguration" not in properties
    # the bucket stays for the flow logs, and goes when nobody writes to it
    assert len(template.of_type("AWS::S3::Bucket")) == 2
    none = synth(access_logs="disabled", flow_logs="disabled")
    assert len(none.of_type("AWS::S3::Bucket")) == 1


def test_each_job_reads_and_writes_its_own_prefixes(default: Synthesized) -> None:
    granted = {
        (statement["Principal"]["AWS"]["Fn::GetAtt"][0][:10], "s3:PutObject" in statement["Action"]): {
            prefix for resource in _as_list(statement["Resource"]) if (prefix := resource["Fn::Join"][1][1])
        }
        for statement in statements(default, "DataBucket")
        if statement["Effect"] == "Allow" and "s3:GetObject" in _as_list(statement["Action"])
    }
    assert granted == {
        ("IngestionR", False): {"/input/*"},  # HeadObject, for the caller's correlation id
        ("CleanJobRo", False): {"/input/*", "/input_$folder$"},
        ("CleanJobRo", True): {"/clean/*", "/clean_$folder$", "/rejected/*", "/rejected_$folder$"},
        ("ProcessJob", False): {"/clean/*", "/clean_$folder$"},
        ("ProcessJob", True): {"/processed/*", "/processed_$folder$"},
    }


def _ids(template: Synthesized, prefix: str) -> list[str]:
    return [id_ for id_ in template.of_type("AWS::S3::Bucket") if id_.startswith(prefix)]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
