# SPDX-License-Identifier: Apache-2.0
"""``cdk destroy --all`` leaves nothing of the Airflow stack: what is retained, and who logs where."""

from __future__ import annotations

import json

import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.test_permissions import as_list, statements
from with_airflow.tests.integration.conftest import Both

VARIANTS = pytest.mark.parametrize("variant", ["stack", "cluster"])
ALWAYS = {
    "AirflowDAGProcessingLogs",
    "AirflowSchedulerLogs",
    "AirflowTaskLogs",
    "AirflowWebServerLogs",
    "AirflowWorkerLogs",
    "CatalogLogs",
    "DagsLogs",
    "EmptyingLogs",
}


@VARIANTS
def test_nothing_is_retained(variant: str, request: pytest.FixtureRequest) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    assert template.retained() == []


def test_the_stack_owns_a_log_group_for_each_writer(
    stack: Synthesized, cluster: Synthesized, bare: Both
) -> None:
    def owned(template: Synthesized) -> set[str]:
        return {id_[:-8] for id_ in template.of_type("AWS::Logs::LogGroup")}

    assert owned(stack) == ALWAYS | {"ReportLogs"}
    assert owned(cluster) == ALWAYS
    assert owned(bare.airflow) == (ALWAYS | {"ReportLogs"}) - {"CatalogLogs"}
    for properties in stack.of_type("AWS::Logs::LogGroup").values():
        assert properties["RetentionInDays"] == 30
        assert "Fn::GetStackOutput" in properties["KmsKeyId"]  # the key of the main stack


def test_the_groups_of_airflow_have_the_names_that_mwaa_writes_to(stack: Synthesized) -> None:
    """https://docs.aws.amazon.com/mwaa/latest/userguide/monitoring-airflow.html."""
    name = stack.only("AWS::MWAA::Environment")["Name"]
    groups = {id_[:-8]: p.get("LogGroupName") for id_, p in stack.of_type("AWS::Logs::LogGroup").items()}
    assert {
        groups[f"Airflow{kind}Logs"] for kind in ("DAGProcessing", "Scheduler", "Task", "WebServer", "Worker")
    } == {f"airflow-{name}-{kind}" for kind in ("DAGProcessing", "Scheduler", "Task", "WebServer", "Worker")}


def test_the_group_of_the_crawler_has_the_name_that_glue_writes_to(stack: Synthesized) -> None:
    (role,) = [id_ for id_ in stack.of_type("AWS::IAM::Role") if id_.startswith("CatalogRole")]
    (encryption,) = stack.of_type("AWS::Glue::SecurityConfiguration")
    name = stack.only("AWS::Logs::LogGroup", "CatalogLogs")["LogGroupName"]
    assert name["Fn::Join"][1] == ["/aws-glue/crawlers-role/", {"Ref": role}, "-", {"Ref": encryption}]


def test_every_function_logs_to_a_group_of_the_stack(stack: Synthesized) -> None:
    functions = stack.of_type("AWS::Lambda::Function")
    assert len(functions) == 2  # the one that fills the DAG bucket, and CDK's that empties it
    for properties in functions.values():
        assert properties["LoggingConfig"]["LogGroup"]["Ref"] in stack.resources


def test_only_glue_and_emr_can_create_log_groups_and_only_their_own(stack: Synthesized) -> None:
    found = set()
    for id_, statement in statements(stack):
        if "logs:CreateLogGroup" in as_list(statement["Action"]):
            found.add(id_[: id_.index("Role")])
            assert as_list(statement["Resource"])
            for resource in as_list(statement["Resource"]):
                assert stack.resources[resource["Fn::GetAtt"][0]]["Type"] == "AWS::Logs::LogGroup"
    assert found == {"Catalog", "Report"}


def test_without_a_key_the_crawler_cannot_make_the_group_that_all_crawlers_share(bare: Both) -> None:
    makers = [s for _, s in statements(bare.airflow) if "logs:CreateLogGroup" in as_list(s["Action"])]
    assert "crawlers" not in json.dumps(makers)


@VARIANTS
def test_every_bucket_is_emptied(variant: str, request: pytest.FixtureRequest) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    assert template.of_type("AWS::S3::Bucket")
    assert template.buckets_not_emptied() == set()
