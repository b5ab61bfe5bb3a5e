# SPDX-License-Identifier: Apache-2.0
"""The stack as a whole: nag, lint, outputs, and two of it in one account."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from sysconfig import get_path
from typing import Any

import aws_cdk as cdk
import aws_cdk.aws_sqs as sqs
import cfnlint
import pytest

from glue_tracing.trust import SENDS_SOURCE_ACCOUNT
from stacks.acknowledgements import acknowledged
from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings
from tests.integration.stacks.conftest import CONTEXT, Synthesized, build_app
from tests.integration.stacks.principals import let_in, unconditioned
from tests.integration.stacks.test_encryption import ARN as KEY

# A redundant DependsOn that CDK itself writes beside a GetAtt: no harm, and not ours to remove.
REDUNDANT_DEPENDS_ON = "W3005"


ROOT = Path(__file__).parents[3]
IMPORT = f"""
import sys
sys.path += [{str(ROOT)!r}, {get_path("purelib")!r}]  # no .pth file of an editable installation is read
import stacks.otel_solution_stack, with_airflow.stacks.airflow_stack
"""


def test_the_requirements_are_all_that_a_deployment_needs(tmp_path: Path) -> None:
    """`pip install -r requirements.txt && cdk deploy`: of the clone its root alone is on the path."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_outputs_keep_the_names_that_people_and_the_demo_rely_on(default: Synthesized) -> None:
    assert set(default.template["Outputs"]) == {
        "BucketName",
        "UploadCommand",
        "StateMachineArn",
        "DeadLetterQueueUrl",
        "TraceConsoleUrl",
        "CollectorEndpoint",
        "CollectorConnection",
    }


@pytest.mark.parametrize("variant", ["default", "nat"])
def test_cfn_lint_finds_nothing(variant: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(request.getfixturevalue(variant).template))
    config = cfnlint.ManualArgs(ignore_checks=[REDUNDANT_DEPENDS_ON], regions=["us-east-1"])
    assert cfnlint.lint_file(file, config=config) == []


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(customer_key="none"),
        Settings(access_logs="disabled"),
        Settings(flow_logs="disabled"),
    ],
)
def test_every_acknowledgement_is_one_finding_with_a_reason_and_a_link(settings: Settings) -> None:
    acknowledgements = acknowledged(cdk.Stack(cdk.App()), settings)
    assert len(acknowledgements) <= 7
    for finding, reason in acknowledgements.items():
        assert finding.startswith("AwsSolutions-")
        assert "https://" in reason
        # IAM5 without a bracket would stand for any wildcard at all
        assert not finding.endswith("IAM5")


def test_a_finding_that_nobody_acknowledged_fails_the_synth(tmp_path: Path) -> None:
    app = build_app(tmp_path)
    stack = OtelSolutionStack(app, "OtelSolutionStack", settings=Settings())
    sqs.Queue(stack, "WithoutTls")
    with pytest.raises(RuntimeError, match=r"(?i)validation"):
        app.synth()


@pytest.mark.parametrize(
    "context",
    [
        {"container_insights": "enabled"},
        {"collector_capacity": "on-demand", "glue_version": "5.0", "collector_tasks": "2"},
        {"access_logs": "disabled"},
        {"flow_logs": "disabled"},
        {"collector": "none", "xray_otlp": "enabled"},
        {"customer_key": "none", "access_logs": "disabled", "flow_logs": "disabled", "network": "nat"},
        {
            "alarm_email": "a@example.org",
            "customer_key": KEY,
            "start_on_upload": "disabled",
            "traces": "disabled",
        },
    ],
)
def test_each_variant_passes_nag_and_lets_no_service_in_unconditioned(
    synth: Callable[..., Synthesized], context: dict[str, str]
) -> None:
    assert unconditioned(synth(**context).template) == []


def test_no_service_is_let_in_without_a_condition(default: Synthesized) -> None:
    found = {service for _, service, _ in let_in(default.template)}
    assert {"cloudwatch", "events", "glue", "s3", "states"} <= {name.partition(".")[0] for name in found}
    assert unconditioned(default.template) == []


def test_a_trust_demands_the_account_only_where_the_service_is_documented_to_send_it(
    default: Synthesized,
) -> None:
    """A condition on a key that is not sent would refuse each run; those are bound where they say so."""
    used = {
        (service.partition(".")[0], operator)
        for _, service, statement in let_in(default.template)
        if statement["Action"] == "sts:AssumeRole"
        for operator in statement["Condition"]
    }
    assert used == {
        ("ecs-tasks", "StringEquals"),
        ("glue", "StringEqualsIfExists"),
        ("lambda", "StringEqualsIfExists"),
        ("states", "StringEquals"),
    }
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in SENDS_SOURCE_ACCOUNT.values())


def test_a_service_without_a_condition_is_found_wherever_it_stands() -> None:
    """As CDK's own SNS target lets EventBridge in, and as a trust or a permission of a function would."""
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    trust = {
        **allowed,
        "Principal": {"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }
    permission = {"Principal": "s3.amazonaws.com", "Action": "lambda:InvokeFunction"}
    template = {
        "Resources": {
            "Topic": {
                "Type": "AWS::SNS::TopicPolicy",
                "Properties": {"PolicyDocument": {"Statement": [allowed]}},
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Statement": [trust]}},
            },
            "Notify": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        }
    }
    assert unconditioned(template) == [
        "events.amazonaws.com in Topic",
        "lambda.amazonaws.com in Role",
        "glue.amazonaws.com in Role",
        "s3.amazonaws.com in Notify",
    ]


def test_an_acknowledgement_is_there_only_for_what_was_chosen(tmp_path: Path) -> None:
    default = acknowledged(cdk.Stack(cdk.App()), Settings())
    chosen = {
        "S1": Settings(access_logs="disabled"),
        "VPC7": Settings(flow_logs="disabled"),
    }
    for rule, settings in chosen.items():
        assert f"AwsSolutions-{rule}" not in default
        assert f"AwsSolutions-{rule}" in acknowledged(cdk.Stack(cdk.App()), settings)
    measured = acknowledged(cdk.Stack(cdk.App()), Settings(container_insights="enabled"))
    assert set(default) - set(measured) == {"AwsSolutions-ECS4"}


def test_a_known_account_and_region_pass_nag_too(synth: Callable[..., Synthesized]) -> None:
    assert synth(env=cdk.Environment(account="123456789012", region="eu-west-1")).resources


def test_two_stacks_in_one_account_share_no_name(tmp_path: Path) -> None:
    app = build_app(tmp_path)
    for name in ("First", "Second"):
        OtelSolutionStack(app, name, settings=Settings())
    assembly = app.synth()
    names = [_physical_names(assembly.get_stack_by_name(name).template) for name in ("First", "Second")]
    assert names[0]
    assert not names[0] & names[1]


def _physical_names(template: dict[str, Any]) -> set[str]:
    """Every name that a resource asks for in the account, not one that refers to another resource."""
    # Names inside another resource, and of AWS's own services
    scoped = {"AWS::ServiceDiscovery::Service", "AWS::IAM::Policy", "AWS::EC2::VPCEndpoint"}
    return {
        json.dumps(value)
        for resource in template["Resources"].values()
        if resource["Type"] not in scoped
        for name, value in resource.get("Properties", {}).items()
        if name.endswith("Name") and not {"Ref", "Fn::GetAtt"}.intersection(value)
    }


def test_cdk_json_says_the_defaults_of_the_settings() -> None:
    own = {name: value for name, value in CONTEXT.items() if not name.startswith("@")}
    assert Settings(**own) == Settings()
    assert set(own) == set(Settings.__dataclass_fields__)
