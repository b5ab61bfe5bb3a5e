# SPDX-License-Identifier: Apache-2.0
"""The MWAA environment: what it is, what it reads, what the DAG is told, and where it runs."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest

from tests.integration.stacks.conftest import Synthesized
from with_airflow.stacks import options
from with_airflow.tests.integration.conftest import Both

ALWAYS = {
    "clean_job",
    "process_job",
    "crawler",
    "database",
    "data_bucket",
    "report_job",
    "report_script",
    "report_library",
    "otlp_endpoint",
    "traces",
    "metrics",
    "log_correlation",
    "metrics_run_id",
    "task_log_group",
    "emr",
}
SERVERLESS = {"emr_application", "emr_role", "report_log_group"}
CLUSTER = {
    "emr_release",
    "emr_subnet",
    "emr_security_group",
    "emr_service_security_group",
    "emr_service_role",
    "emr_instance_profile",
    "emr_log_uri",
    "emr_tag",
}


def environment(template: Synthesized) -> dict[str, Any]:
    return template.only("AWS::MWAA::Environment")


def told(template: Synthesized) -> dict[str, Any]:
    """What the DAG reads from its section."""
    given = environment(template)["AirflowConfigurationOptions"]
    return {
        key.removeprefix("listings."): value for key, value in given.items() if key.startswith("listings.")
    }


def test_it_is_a_small_airflow_3_that_logs_everything(stack: Synthesized) -> None:
    found = environment(stack)
    assert found["Name"] == "AirflowStack"
    assert found["AirflowVersion"] == "3.0.6"
    assert found["EnvironmentClass"] == "mw1.micro"
    assert found["WebserverAccessMode"] == "PRIVATE_ONLY"
    assert found["LoggingConfiguration"] == {
        f"{kind}Logs": {"Enabled": True, "LogLevel": "INFO"}
        for kind in ("DagProcessing", "Scheduler", "Task", "Webserver", "Worker")
    }


def test_it_reads_the_folder_that_was_deployed_and_its_requirements_by_version(stack: Synthesized) -> None:
    found = environment(stack)
    (bucket,) = [id_ for id_ in stack.of_type("AWS::S3::Bucket") if id_.startswith("Dags")]
    (deployed,) = stack.of_type("Custom::DagFolder")
    assert found["SourceBucketArn"] == {"Fn::GetAtt": [bucket, "Arn"]}
    assert (found["DagS3Path"], found["RequirementsS3Path"]) == ("dags", "dags/requirements.txt")
    assert found["RequirementsS3ObjectVersion"] == {"Fn::GetAtt": [deployed, "RequirementsVersion"]}
    properties = stack.of_type("AWS::S3::Bucket")[bucket]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}  # MWAA refuses others
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}


def test_it_starts_when_its_rights_its_files_and_its_log_groups_are_there(stack: Synthesized) -> None:
    (id_,) = stack.of_type("AWS::MWAA::Environment")
    waited_for = " ".join(stack.resources[id_]["DependsOn"])
    for needed in ("AirflowRoleDefaultPolicy", "DagsDeployed", "AirflowTaskLogs", "NetworkGateway"):
        assert needed in waited_for


@pytest.mark.parametrize(("variant", "more"), [("stack", SERVERLESS), ("cluster", CLUSTER)])
def test_the_dag_is_told_what_the_docstring_lists(
    variant: str, more: set[str], request: pytest.FixtureRequest
) -> None:
    given = told(request.getfixturevalue(variant))
    assert set(given) == ALWAYS | more
    documented = set(re.findall(r"``(\w+)``", options.__doc__ or ""))
    assert set(given) <= documented


def test_the_dag_is_told_the_jobs_of_the_main_stack(deployed: Both) -> None:
    given = told(deployed.airflow)
    outputs = deployed.main.template["Outputs"]
    names = [given[key]["Fn::GetStackOutput"]["OutputName"] for key in ("clean_job", "process_job")]
    jobs = [outputs[name]["Value"]["Ref"] for name in names]
    assert [deployed.main.resources[job]["Type"] for job in jobs] == ["AWS::Glue::Job"] * 2
    assert [job[:8] for job in jobs] == ["CleanJob", "ProcessJ"]
    assert given["data_bucket"]["Fn::GetStackOutput"]["OutputName"] == "BucketName"
    assert given["otlp_endpoint"] == "http://collector.otelsolutionstack.internal:4318"
    assert (given["traces"], given["metrics"], given["metrics_run_id"]) == ("on", "on", "off")


def test_every_value_is_one_that_mwaa_takes(stack: Synthesized) -> None:
    """Patterns of ConfigKey and ConfigValue in https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html."""
    for key, value in environment(stack)["AirflowConfigurationOptions"].items():
        assert re.fullmatch(r"[a-z]+([a-z0-9._]*[a-z0-9_]+)?", key)
        assert len(key) <= 64
        assert not isinstance(value, str) or re.fullmatch(r"[ -~]+", value)


def test_airflow_sends_its_spans_to_the_collector(stack: Synthesized) -> None:
    given = environment(stack)["AirflowConfigurationOptions"]
    assert {key: value for key, value in given.items() if key.startswith("traces.")} == {
        "traces.otel_on": "True",
        "traces.otel_host": "collector.otelsolutionstack.internal",
        "traces.otel_port": "4318",
        "traces.otel_ssl_active": "False",
    }
    assert given["metrics.otel_on"] == "True"


def test_the_collector_lets_airflow_in_on_otlp_http_and_nothing_else(deployed: Both) -> None:
    rule = deployed.airflow.only("AWS::EC2::SecurityGroupIngress", "NetworkIntoCollector")
    output = deployed.main.template["Outputs"][rule["GroupId"]["Fn::GetStackOutput"]["OutputName"]]
    assert output["Value"]["Fn::GetAtt"][0].startswith("NetworkCollector")
    assert rule["SourceSecurityGroupId"]["Fn::GetAtt"][0].startswith("NetworkAirflow")
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 4318, 4318)


def test_airflow_lets_in_only_itself(stack: Synthesized) -> None:
    rules = stack.of_type("AWS::EC2::SecurityGroupIngress")
    others = [rule for id_, rule in rules.items() if not id_.startswith("NetworkIntoCollector")]
    assert len(others) == 1
    assert others[0]["GroupId"] == others[0]["SourceSecurityGroupId"]
    assert "SecurityGroupIngress" not in stack.only("AWS::EC2::SecurityGroup", "NetworkAirflow")


def test_two_private_subnets_behind_one_gateway(stack: Synthesized, bare: Both) -> None:
    subnets = stack.of_type("AWS::EC2::Subnet")
    assert sorted(subnet["CidrBlock"] for subnet in subnets.values()) == ["10.0.192.0/22", "10.0.196.0/22"]
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets.values())
    assert environment(stack)["NetworkConfiguration"]["SubnetIds"] == [{"Ref": id_} for id_ in subnets]
    assert len(stack.of_type("AWS::EC2::NatGateway")) == 1
    assert bare.airflow.of_type("AWS::EC2::NatGateway") == {}  # the main stack has one
    for template in (stack, bare.airflow):
        ways = [route for route in template.of_type("AWS::EC2::Route").values() if "NatGatewayId" in route]
        assert [way["DestinationCidrBlock"] for way in ways] == ["0.0.0.0/0"] * 2


def test_nothing_is_carried_into_buckets_of_other_accounts(stack: Synthesized) -> None:
    endpoint = stack.only("AWS::EC2::VPCEndpoint")
    for statement in endpoint["PolicyDocument"]["Statement"]:
        if statement.get("Condition") == {"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}:
            continue
        if statement["Action"] == "s3:PutObject":  # EMR's own buckets, by name
            assert all(
                ".appinfo.src" in str(arn) or ":s3:::aws157-logs" in str(arn) for arn in statement["Resource"]
            )
        else:
            assert statement["Action"] == "s3:GetObject"


def test_its_subnets_overlap_with_none_of_the_main_stack(deployed: Both) -> None:
    blocks = [
        ipaddress.ip_network(subnet["CidrBlock"])
        for template in (deployed.main, deployed.airflow)
        for subnet in template.of_type("AWS::EC2::Subnet").values()
    ]
    assert len(blocks) == 6
    assert not any(a.overlaps(b) for i, a in enumerate(blocks) for b in blocks[i + 1 :])
