# SPDX-License-Identifier: Apache-2.0
"""The crawler, and the two places where the report job may run."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.test_permissions import as_list, statements
from with_airflow.tests.integration.conftest import Both

GROUP = "AWS::EC2::SecurityGroup"
INGRESS = "AWS::EC2::SecurityGroupIngress"


def role_statements(template: Synthesized, role: str) -> dict[str, dict[str, Any]]:
    """Sid -> statement of one role's own policy."""
    return {statement["Sid"]: statement for id_, statement in statements(template) if id_.startswith(role)}


def test_the_crawler_looks_at_the_uploads_and_deletes_no_table(stack: Synthesized) -> None:
    crawler = stack.only("AWS::Glue::Crawler")
    (target,) = crawler["Targets"]["S3Targets"]
    assert target["Path"]["Fn::Join"][1][-1] == "/input/"
    assert crawler["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "LOG",
    }
    (database,) = stack.of_type("AWS::Glue::Database")
    assert crawler["DatabaseName"] == {"Ref": database}
    assert "Schedule" not in crawler  # the DAG starts it


def test_the_crawler_writes_no_data_and_no_other_database(stack: Synthesized) -> None:
    granted = role_statements(stack, "CatalogRole")
    data = {action for sid in ("ReadSource", "ListSource") for action in as_list(granted[sid]["Action"])}
    assert data == {"s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"}
    (database,) = stack.of_type("AWS::Glue::Database")
    for resource in granted["WriteCatalog"]["Resource"][1:]:
        assert {"Ref": database} in resource["Fn::Join"][1]


def test_emr_serverless_runs_the_spark_of_glue_and_stops_when_idle(stack: Synthesized) -> None:
    application = stack.only("AWS::EMRServerless::Application")
    assert (application["Type"], application["ReleaseLabel"]) == ("SPARK", "emr-7.11.0")  # Spark 3.5.6
    assert application["AutoStopConfiguration"] == {"Enabled": True, "IdleTimeoutMinutes": 1}
    assert "InitialCapacity" not in application  # it would be billed between two runs
    assert application["MaximumCapacity"] == {"Cpu": "16 vCPU", "Memory": "64 GB"}
    (properties,) = [entry["Properties"] for entry in application["RuntimeConfiguration"]]
    assert set(properties.values()) == {"/usr/bin/python3.11"}


def test_the_report_job_is_in_the_network_of_the_jobs(deployed: Both) -> None:
    network = deployed.airflow.only("AWS::EMRServerless::Application")["NetworkConfiguration"]
    (group,) = network["SecurityGroupIds"]
    output = deployed.main.template["Outputs"][group["Fn::GetStackOutput"]["OutputName"]]
    assert output["Value"]["Fn::GetAtt"][0].startswith("NetworkJobs")
    assert network["SubnetIds"] == [{"Ref": id_} for id_ in deployed.airflow.of_type("AWS::EC2::Subnet")]


def test_the_report_job_logs_to_a_group_of_the_stack_and_nowhere_else(stack: Synthesized) -> None:
    monitoring = stack.only("AWS::EMRServerless::Application")["MonitoringConfiguration"]
    logs = monitoring["CloudWatchLoggingConfiguration"]
    assert logs["Enabled"] is True
    assert stack.resources[logs["LogGroupName"]["Ref"]]["Type"] == "AWS::Logs::LogGroup"
    assert monitoring["ManagedPersistenceMonitoringConfiguration"] == {"Enabled": False}


def test_the_report_job_reads_processed_data_and_writes_reports(
    stack: Synthesized, cluster: Synthesized
) -> None:
    for template, role in ((stack, "ReportRole"), (cluster, "ReportNodeRole")):
        granted = role_statements(template, role)
        assert granted["ReadProcessed"]["Action"] == "s3:GetObject"
        for sid, prefix in (("ReadProcessed", "processed"), ("WriteReports", "reports")):
            ends = [resource["Fn::Join"][1][-1] for resource in granted[sid]["Resource"]]
            assert ends == [f"/{prefix}/*", f"/{prefix}_$folder$"]
        keys = [resource["Fn::Join"][1][-1] for resource in granted["ReadCode"]["Resource"]]
        assert sorted(key.rpartition(".")[2] for key in keys) == ["py", "zip"]


def test_its_role_is_for_this_application_alone(stack: Synthesized) -> None:
    role = stack.only("AWS::IAM::Role", "ReportRole")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    (application,) = stack.of_type("AWS::EMRServerless::Application")
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": {"Fn::GetAtt": [application, "Arn"]}}


def test_a_cluster_is_not_deployed_but_what_it_is_made_of(cluster: Synthesized) -> None:
    assert cluster.of_type("AWS::EMR::Cluster") == {}  # the DAG starts one for each run
    assert cluster.of_type("AWS::EMRServerless::Application") == {}
    options = cluster.only("AWS::MWAA::Environment")["AirflowConfigurationOptions"]
    assert options["listings.emr"] == "cluster"
    assert options["listings.emr_log_uri"]["Fn::Join"][1][-1] == "/emr-logs/"


def test_emr_finds_every_rule_that_it_would_add(cluster: Synthesized) -> None:
    """https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-man-sec-groups.html, private subnets."""
    rules = {
        (_owner(rule["GroupId"]), _owner(rule["SourceSecurityGroupId"]), rule["IpProtocol"], rule["ToPort"])
        for rule in cluster.of_type(INGRESS).values()
        if "Fn::GetAtt" in rule["GroupId"] and "Groups" in rule["GroupId"]["Fn::GetAtt"][0]
    }
    nodes, service = "ReportGroupsNodes", "ReportGroupsService"
    assert rules == {
        (nodes, nodes, "tcp", 65535),
        (nodes, nodes, "udp", 65535),
        (nodes, nodes, "icmp", -1),
        (nodes, service, "tcp", 8443),
        (service, nodes, "tcp", 9443),
    }
    (out,) = cluster.of_type("AWS::EC2::SecurityGroupEgress").values()
    assert (_owner(out["GroupId"]), _owner(out["DestinationSecurityGroupId"]), out["ToPort"]) == (
        service,
        nodes,
        8443,
    )


def _owner(reference: dict[str, Any]) -> str:
    return str(reference["Fn::GetAtt"][0])[:-8]


def test_the_nodes_reach_the_collector_and_x_ray(cluster: Synthesized) -> None:
    ports = {
        name: cluster.only(INGRESS, f"ReportGroupsInto{name}")["ToPort"] for name in ("Collector", "XRay")
    }
    assert ports == {"Collector": 4318, "XRay": 443}


def test_what_emrs_own_policy_needs_has_its_tag(cluster: Synthesized, stack: Synthesized) -> None:
    tag = {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}
    for kind, prefix in ((GROUP, "ReportGroups"), ("AWS::EC2::Subnet", "Network")):
        found = [p for id_, p in cluster.of_type(kind).items() if id_.startswith(prefix)]
        assert len(found) == 2
        for properties in found:
            assert tag in properties["Tags"]
    assert "emr-managed-policies" not in json.dumps(stack.template)
