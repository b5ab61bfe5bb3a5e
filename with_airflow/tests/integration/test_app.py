# SPDX-License-Identifier: Apache-2.0
"""Both stacks together: the default is untouched, nag, lint, checkov, and names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import cfnlint
import pytest

from stacks.settings import Settings
from tests.integration.stacks.conftest import CONTEXT, Synthesized
from tests.integration.stacks.principals import let_in, unconditioned
from tests.integration.stacks.test_app import REDUNDANT_DEPENDS_ON
from tests.integration.stacks.test_checkov import CHECKOV, EXPLAINED, failed_checks
from with_airflow.stacks.acknowledgements import acknowledged
from with_airflow.tests.integration.conftest import Both

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "airflow.md"


def test_nothing_is_deployed_unless_asked_for(tmp_path: Path, default: Synthesized, deployed: Both) -> None:
    """The real app.py, with the context of cdk.json."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "app.py")],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CDK_OUTDIR": str(tmp_path / "out"),
            "CDK_CONTEXT_JSON": json.dumps(CONTEXT),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "stacks.settings" in done.stderr and "with_airflow" not in done.stderr  # the list of imports
    assert [path.name for path in (tmp_path / "out").glob("*.template.json")] == [
        "OtelSolutionStack.template.json"
    ]
    assert "AmazonMWAA" not in json.dumps(default.template)
    assert set(deployed.main.resources) == set(default.resources)


@pytest.mark.parametrize(
    "context",
    [
        {"customer_key": "none", "emr": "cluster"},
        {"network": "nat", "emr": "cluster"},
        {"metrics": "disabled", "traces": "disabled", "flow_logs": "disabled", "airflow_web": "public"},
    ],
)
def test_each_variant_passes_nag_and_lets_no_service_in_unconditioned(
    both: Callable[..., Both], context: dict[str, str]
) -> None:
    made = both(**context)
    assert unconditioned(made.airflow.template) + unconditioned(made.main.template) == []
    web = context.get("airflow_web", "private").upper()
    assert made.airflow.only("AWS::MWAA::Environment")["WebserverAccessMode"] == f"{web}_ONLY"


def test_no_service_is_let_in_without_a_condition(stack: Synthesized) -> None:
    found = {service for _, service, _ in let_in(stack.template)}
    assert {"airflow", "airflow-env", "emr-serverless", "glue"} <= {name.partition(".")[0] for name in found}
    assert unconditioned(stack.template) == []


def test_airflow_without_a_network_is_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"^The context values airflow=mwaa and collector=none .*\.$"):
        Settings(airflow="mwaa", collector="none")


def test_an_unknown_choice_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"airflow=x is not known; choose one of none, mwaa\."):
        Settings(airflow="x")
    with pytest.raises(ValueError, match=r"emr=x is not known; choose one of serverless, cluster\."):
        Settings(emr="x")


def test_every_acknowledgement_is_one_finding_with_a_reason_and_a_link() -> None:
    stack = cdk.Stack(cdk.App())
    chosen = Settings(airflow="mwaa", emr="cluster", customer_key="none", access_logs="disabled")
    found = acknowledged(stack, chosen, {"arn:aws:s3:::b/*": "Why. https://docs.aws.amazon.com"})
    assert {finding.partition("[")[0] for finding in found} == {
        f"AwsSolutions-{rule}" for rule in ("IAM4", "IAM5", "GL1", "S1")
    }
    for finding, reason in found.items():
        assert "https://" in reason
        assert not finding.endswith(("IAM4", "IAM5"))  # without a bracket it would stand for any at all


@pytest.mark.parametrize("variant", ["stack", "cluster"])
def test_cfn_lint_finds_nothing(variant: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(request.getfixturevalue(variant).template))
    config = cfnlint.ManualArgs(ignore_checks=[REDUNDANT_DEPENDS_ON], regions=["us-east-1"])
    assert cfnlint.lint_file(file, config=config) == []


@pytest.mark.skipif(not CHECKOV.exists(), reason="checkov is not installed: run make setup")
def test_checkov_finds_what_the_page_explains_and_nothing_else(stack: Synthesized, tmp_path: Path) -> None:
    explained = EXPLAINED.findall(PAGE.read_text(encoding="utf-8"))
    assert all(len(why.split()) > 10 for _, _, why in explained)
    assert sorted(failed_checks(stack, tmp_path)) == sorted((check, name) for check, name, _ in explained)


def test_a_second_deployment_shares_no_name(deployed: Both) -> None:
    """Names that a resource asks for in the account are made of the stack's."""
    asked_for = {
        name
        for properties in (p.get("Properties", {}) for p in deployed.airflow.resources.values())
        for key, name in properties.items()
        if key in ("Name", "LogGroupName", "RoleName", "FunctionName", "BucketName") and isinstance(name, str)
    }
    assert asked_for
    assert all("AirflowStack" in name for name in asked_for)
    database = deployed.airflow.only("AWS::Glue::Database")["DatabaseInput"]["Name"]
    assert database == "airflowstack_source"
