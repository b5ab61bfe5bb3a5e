# SPDX-License-Identifier: Apache-2.0
"""``-c xray_otlp=enabled``: X-Ray's OTLP endpoint, and the rights for it, only where they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cfnlint
import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.test_permissions import as_list, statements

SPANS = {"xray:PutSpans", "xray:PutSpansForIndexing"}


@pytest.fixture(scope="module")
def otlp(synth: Callable[..., Synthesized]) -> Synthesized:
    return synth(collector="none", xray_otlp="enabled")


def test_the_jobs_send_to_xray_and_may_do_so(otlp: Synthesized) -> None:
    for job in otlp.of_type("AWS::Glue::Job").values():
        assert job["NonOverridableArguments"]["--otlp_endpoint"] == "xray"
        assert job["NonOverridableArguments"]["--metrics"] == "off"  # X-Ray takes none
    holders = {
        id_
        for id_, statement in statements(otlp)
        if set(as_list(statement["Action"])) >= SPANS | {"xray:PutTraceSegments"}
    }
    assert {id_[:8] for id_ in holders} == {"CleanJob", "ProcessJ"}
    assert len(holders) == 2


@pytest.mark.parametrize("context", [{}, {"network": "nat"}, {"collector": "none"}])
def test_nobody_else_may(synth: Callable[..., Synthesized], context: dict[str, str]) -> None:
    assert "PutSpans" not in json.dumps(synth(**context).template)


def test_no_stack_touches_the_switch_of_the_account(otlp: Synthesized) -> None:
    text = json.dumps(otlp.template)
    assert "TransactionSearchConfig" not in text
    assert "UpdateTraceSegmentDestination" not in text
    assert "UpdateIndexingRule" not in text


def test_cfn_lint_knows_the_rights(otlp: Synthesized, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(otlp.template))
    # W3005: CDK writes a DependsOn beside a GetAtt
    config = cfnlint.ManualArgs(ignore_checks=["W3005"], regions=["us-east-1"])
    assert cfnlint.lint_file(file, config=config) == []
