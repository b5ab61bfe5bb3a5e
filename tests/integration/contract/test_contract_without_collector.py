# SPDX-License-Identifier: Apache-2.0
"""``-c collector=none``: the stack that idles for next to nothing."""

from __future__ import annotations

import json
from pathlib import Path

import cfnlint
import pytest

from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings
from tests.integration.stacks.conftest import Synthesized, build_app

REDUNDANT_DEPENDS_ON = "W3005"  # CDK writes it beside a GetAtt


@pytest.fixture(scope="module", params=["own", "none"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The template; cdk-nag fails the synth when it finds something."""
    app = build_app(tmp_path_factory.mktemp("cdk.out"), collector="none", customer_key=request.param)
    OtelSolutionStack(app, "OtelSolutionStack", settings=Settings.from_context(app.node))
    return Synthesized(app.synth().get_stack_by_name("OtelSolutionStack").template)


def test_there_is_no_network_and_nothing_that_runs_while_idle(stack: Synthesized) -> None:
    services = {resource["Type"].split("::")[1] for resource in stack.resources.values()}
    assert not services & {"EC2", "ECS", "ServiceDiscovery", "Route53"}
    assert not stack.of_type("AWS::Glue::Connection")


def test_the_jobs_are_traced_and_told_of_no_collector(stack: Synthesized) -> None:
    jobs = stack.of_type("AWS::Glue::Job").values()
    assert len(jobs) == 2
    for job in jobs:
        assert "Connections" not in job
        assert "--otlp_endpoint" not in job["NonOverridableArguments"]
        assert job["NonOverridableArguments"]["--traces"] == "on"
        assert job["NonOverridableArguments"]["--metrics"] == "off"  # they travel through the collector


def test_the_jobs_may_write_to_xray_and_touch_no_network(stack: Synthesized) -> None:
    policies = json.dumps(list(stack.of_type("AWS::IAM::Policy").values()))
    assert policies.count("xray:PutTraceSegments") >= 2
    assert '"ec2:' not in policies
    assert "glue:GetConnection" not in policies


def test_nothing_watches_a_collector_that_is_not_there(stack: Synthesized) -> None:
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    assert alarms
    assert "AWS/ECS" not in json.dumps(stack.template)


def test_cfn_lint_finds_nothing(stack: Synthesized, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(stack.template))
    config = cfnlint.ManualArgs(ignore_checks=[REDUNDANT_DEPENDS_ON], regions=["us-east-1"])
    assert cfnlint.lint_file(file, config=config) == []
