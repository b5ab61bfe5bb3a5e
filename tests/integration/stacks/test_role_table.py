# SPDX-License-Identifier: Apache-2.0
"""The table of roles says what the template grants, and the committed one is current."""

from __future__ import annotations

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.grants import Grant, grants, readable, roles
from tests.integration.stacks.role_table import PAGE, page_with, table


def test_the_table_in_the_page_is_that_of_the_template(default: Synthesized) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(page, table(default.template)), (
        "docs/security.md shows other rights than the template: "
        "run python -m tests.integration.stacks.role_table"
    )


def test_every_role_of_the_template_is_listed(default: Synthesized) -> None:
    listed = {grant.role for grant in grants(default.template)}
    assert (
        listed
        == set(roles(default.template))
        == {
            "CleanJobRole",
            "CollectorExecutionRole",
            "CollectorTaskRole",
            "CustomResourcesRole",
            "CustomS3AutoDeleteObjects",
            "IngestionRole",
            "PipelineStateMachineRole",
            "ProcessJobRole",
        }
    )


def test_rights_from_a_role_and_from_a_bucket_are_both_found() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    own = {"Effect": "Allow", "Action": "a:One", "Resource": {"Ref": "Thing12345678"}}
    bucket = {
        "Effect": "Allow",
        "Action": ["s3:PutObject", "s3:GetObject"],
        "Principal": {"AWS": {"Fn::GetAtt": ["Role0A1B2C3D", "Arn"]}},
        "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Data12345678", "Arn"]}, "/in/*"]]},
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }
    denied = {**bucket, "Effect": "Deny"}
    template = {
        "Resources": {
            "Role0A1B2C3D": role,
            "Policy": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"Roles": [{"Ref": "Role0A1B2C3D"}], "PolicyDocument": {"Statement": [own]}},
            },
            "DataPolicy12345678": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"PolicyDocument": {"Statement": [bucket, denied]}},
            },
        }
    }
    assert grants(template) == [
        Grant("Role", ("a:One",), ("Thing",), "", "the role's own"),
        Grant(
            "Role",
            ("s3:GetObject", "s3:PutObject"),
            ("Data/in/*",),
            "aws:SecureTransport Bool true",
            "DataPolicy",
        ),
    ]


def test_a_changed_script_changes_no_permission() -> None:
    assert readable({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::b/", "0" * 64, ".py"]]}) == (
        "b/ASSET.py"
    )
