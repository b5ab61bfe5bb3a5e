# SPDX-License-Identifier: Apache-2.0
"""``cdk destroy`` leaves nothing: what is retained, who logs where, and who could bring a log group back."""

from __future__ import annotations

import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.test_permissions import as_list, statements

VARIANTS = pytest.mark.parametrize("variant", ["default", "nat"])


@VARIANTS
def test_nothing_is_retained(variant: str, request: pytest.FixtureRequest) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    assert template.retained() == []


def test_the_stack_owns_a_log_group_for_each_writer(default: Synthesized) -> None:
    assert {id_[:-8] for id_ in default.of_type("AWS::Logs::LogGroup")} == {
        "CleanJobError",
        "CleanJobOutput",
        "CollectorLogs",
        "CollectorMetrics",
        "CustomResourcesLogs",
        "EmptyingLogs",
        "IngestionLogs",
        "PipelineLogs",
        "ProcessJobError",
        "ProcessJobOutput",
    }
    for properties in default.of_type("AWS::Logs::LogGroup").values():
        assert properties["RetentionInDays"] == 30
        assert properties["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")


def test_every_function_logs_to_a_group_of_the_stack(default: Synthesized) -> None:
    functions = default.of_type("AWS::Lambda::Function")
    assert len(functions) == 3  # our two, and CDK's that empties the buckets
    for properties in functions.values():
        assert properties["LoggingConfig"]["LogGroup"]["Ref"] in default.resources


def test_only_the_jobs_can_create_log_groups_and_only_their_own(default: Synthesized) -> None:
    for id_, statement in statements(default):
        if "logs:CreateLogGroup" in as_list(statement["Action"]):
            assert id_.startswith(("CleanJobRole", "ProcessJobRole"))
            assert all(resource["Fn::GetAtt"][1] == "Arn" for resource in statement["Resource"])


@VARIANTS
def test_every_bucket_is_emptied(variant: str, request: pytest.FixtureRequest) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    assert template.of_type("AWS::S3::Bucket")
    assert template.buckets_not_emptied() == set()


def test_the_key_goes_as_soon_as_kms_allows(default: Synthesized) -> None:
    assert default.only("AWS::KMS::Key")["PendingWindowInDays"] == 7
    assert default.only("AWS::KMS::Key")["EnableKeyRotation"] is True
