# SPDX-License-Identifier: Apache-2.0
"""Context values: what is taken, and what is said about the rest."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from stacks.settings import Settings


def test_an_empty_context_gives_the_defaults() -> None:
    assert Settings.from_context(cdk.App().node) == Settings()


def test_text_from_the_command_line_becomes_the_type_of_the_setting() -> None:
    app = cdk.App(context={"glue_number_of_workers": "4", "trace_sampling_rate": "0.25", "network": "nat"})
    assert Settings.from_context(app.node) == Settings(
        glue_number_of_workers=4, trace_sampling_rate=0.25, network="nat"
    )


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"network": "vpn"}, "The context value network=vpn is not known; choose one of endpoints, nat."),
        (
            {"glue_number_of_workers": "1"},
            "The context value glue_number_of_workers=1 is out of range; give 2 to 299.",
        ),
        (
            {"glue_concurrent_runs": "1001"},
            "The context value glue_concurrent_runs=1001 is out of range; give 1 to 1000.",
        ),
        (
            {"customer_key": "alias/mine"},
            "The context value customer_key=alias/mine is no key; give own, none, or the ARN of a key "
            "(arn:aws:kms:REGION:ACCOUNT:key/ID).",
        ),
        (
            {"collector_tasks": "3"},
            "The context value collector_tasks=3 is out of range; give 1 to 2.",
        ),
        (
            {"xray_otlp": "enabled"},
            "The context value xray_otlp=enabled is for jobs without a collector, but collector is fargate; "
            "add -c collector=none, or see docs/exporters.md for the collector's way.",
        ),
        (
            {"zones": "us-east-1a"},
            "The context value zones=us-east-1a names no two zones; give, for example, "
            "us-east-1a,us-east-1b, or any.",
        ),
        (
            {"stack_name": "my stack"},
            "The context value stack_name=my stack is no stack name; give letters, digits and hyphens, a "
            "letter first, 64 at most.",
        ),
        (
            {"flow_logs": "off"},
            "The context value flow_logs=off is not known; choose one of enabled, disabled.",
        ),
        (
            {"trace_sampling_rate": "1.5"},
            "The context value trace_sampling_rate=1.5 is out of range; give 0 to 1.",
        ),
        (
            {"log_retention_days": "many"},
            "The context value log_retention_days='many' is not a number; "
            "give one, for example -c log_retention_days=2.",
        ),
    ],
)
def test_a_wrong_value_is_named_with_the_choices(context: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Settings.from_context(cdk.App(context=context).node)
    assert str(caught.value) == message
