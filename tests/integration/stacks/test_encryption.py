# SPDX-License-Identifier: Apache-2.0
"""The customer key: the stack's own, one that exists, or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.principals import let_in
from tests.integration.stacks.test_permissions import as_list, statements

ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(scope="module")
def none(synth: Callable[..., Synthesized]) -> Synthesized:
    return synth(customer_key="none")


@pytest.fixture(scope="module")
def existing(synth: Callable[..., Synthesized]) -> Synthesized:
    return synth(customer_key=ARN)


def keys_in_use(template: Synthesized) -> dict[str, Any]:
    """Logical id -> the key that each resource names."""
    encrypted = {
        "AWS::Logs::LogGroup": "KmsKeyId",
        "AWS::SQS::Queue": "KmsMasterKeyId",
        "AWS::Lambda::Function": "KmsKeyArn",
        "AWS::SNS::Topic": "KmsMasterKeyId",
    }
    return {
        id_: properties[attribute]
        for kind, attribute in encrypted.items()
        for id_, properties in template.of_type(kind).items()
        if attribute in properties
    }


def encrypted(template: Synthesized) -> set[str]:
    """What names the key: every log group, the queue and the topic. No function: its role may not decrypt."""
    kinds = ("AWS::Logs::LogGroup", "AWS::SQS::Queue", "AWS::SNS::Topic")
    return {id_ for kind in kinds for id_ in template.of_type(kind)}


def test_its_own_key_encrypts_logs_queue_and_topic(default: Synthesized) -> None:
    (key,) = default.of_type("AWS::KMS::Key")
    used = keys_in_use(default)
    assert set(used) == encrypted(default)
    assert {json.dumps(value) for value in used.values()} == {json.dumps({"Fn::GetAtt": [key, "Arn"]})}


def test_its_own_key_serves_the_log_groups_of_this_account_only(default: Synthesized) -> None:
    policy = default.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    (statement,) = [s for s in policy if '"logs.' in json.dumps(s["Principal"])]
    (pattern,) = statement["Condition"]["ArnLike"].values()
    assert pattern["Fn::Join"][1][-2:] == [{"Ref": "AWS::AccountId"}, ":log-group:*"]


def test_an_existing_key_is_used_in_every_place_and_not_made(existing: Synthesized) -> None:
    assert existing.of_type("AWS::KMS::Key") == {}
    assert set(keys_in_use(existing).values()) == {ARN}
    assert set(keys_in_use(existing)) == encrypted(existing)
    used_by = {s["Resource"] for _, s in statements(existing) if "kms:Decrypt" in as_list(s["Action"])}
    assert used_by == {ARN}


def test_without_a_key_no_resource_and_no_right_names_one(none: Synthesized) -> None:
    assert none.of_type("AWS::KMS::Key") == {}
    assert keys_in_use(none) == {}
    actions = {action for _, s in statements(none) for action in as_list(s["Action"])}
    assert not {a for a in actions if a.startswith("kms:") or a == "logs:AssociateKmsKey"}


def test_without_a_key_the_queue_and_the_buckets_are_encrypted_all_the_same(none: Synthesized) -> None:
    assert none.only("AWS::SQS::Queue")["SqsManagedSseEnabled"] is True
    for properties in none.of_type("AWS::S3::Bucket").values():
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@pytest.mark.parametrize("variant", ["default", "none"])
def test_no_job_has_a_security_configuration(variant: str, request: pytest.FixtureRequest) -> None:
    """It would have Glue call KMS from the jobs' subnet, which has no way there."""
    template: Synthesized = request.getfixturevalue(variant)
    assert template.of_type("AWS::Glue::SecurityConfiguration") == {}
    for properties in template.of_type("AWS::Glue::Job").values():
        assert "SecurityConfiguration" not in properties


@pytest.mark.parametrize("variant", ["default", "none"])
def test_no_function_has_a_key_that_its_role_may_not_use(
    variant: str, request: pytest.FixtureRequest
) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    for properties in template.of_type("AWS::Lambda::Function").values():
        assert "KmsKeyArn" not in properties


def test_eventbridge_is_bound_by_the_encryption_context_alone(default: Synthesized) -> None:
    """KMS sees no aws:SourceAccount of it: "not supported for EventBridge-to-encrypted topics"."""
    (statement,) = [
        statement
        for _, service, statement in let_in(default.template)
        if service == "events.amazonaws.com" and "kms:Decrypt" in as_list(statement["Action"])
    ]
    assert list(statement["Condition"]) == ["ArnLike"]
    ((key, topics),) = statement["Condition"]["ArnLike"].items()
    assert key == "kms:EncryptionContext:aws:sns:topicArn"
    assert topics["Fn::Join"][1][-1] == ":OtelSolutionStack-*"


def test_without_a_key_destroy_leaves_nothing_at_all(none: Synthesized) -> None:
    kept = [r for r in none.resources.values() if r.get("DeletionPolicy") not in (None, "Delete")]
    assert kept == []
    assert not none.of_type("AWS::KMS::Key")  # the only thing that waits a week
