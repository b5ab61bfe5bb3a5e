# SPDX-License-Identifier: Apache-2.0
"""What only an AWS account can show; every "documentation only" of README is one of these checks."""

from __future__ import annotations

import re
from typing import Any

import boto3

from tests.e2e.expectations.same import same, words
from tests.verify import airflow
from tests.verify.checks import Check, NotVerifiableError
from tests.verify.evidence import Evidence

README = 'README.md, "What was verified, and how"'
REFUSED = '?AccessDenied ?"not authorized" ?UnauthorizedOperation'
SENT = re.compile(r"spans made=\d+ sent=\d+ \(collector=(\d+) x-ray=(\d+)\)")


def _iam(evidence: Evidence) -> str:
    """Both runs ended as they had to, and no log group of the stack tells of a refusal."""
    same("status of the good file's run", evidence.runs.good.status, "SUCCEEDED")
    groups = evidence.ids("AWS::Logs::LogGroup")
    refused = [f"{group}: {line}" for group in groups for line in _lines(group, REFUSED)]
    same("refusals in the logs", refused, [])
    return f"no refusal in {words(len(groups), 'log group')}"


def _networking(evidence: Evidence) -> str:
    """The jobs' spans took the way through the VPC: all to the collector, none to X-Ray."""
    if not evidence.ids("AWS::EC2::VPC"):
        raise NotVerifiableError("this deployment has no VPC")
    groups = [group for group in evidence.ids("AWS::Logs::LogGroup") if "/aws-glue/jobs/" in group]
    lines = [line for group in groups for line in _lines(group, '"spans made="')]
    ways = [found.groups() for line in lines if (found := SENT.search(line))]
    assert ways, "no job says where its spans went"
    same("spans that went past the collector", [way for way in ways if way[1] != "0"], [])
    interfaces = _interfaces(evidence)
    assert interfaces, "no network interface of Glue is in the VPC"
    return (
        f"{sum(int(way[0]) for way in ways)} spans to the collector, "
        f"{words(len(interfaces), 'interface')} of Glue in the jobs' subnet"
    )


def _interfaces(evidence: Evidence) -> list[dict[str, Any]]:
    subnets = evidence.ids("AWS::EC2::Subnet")
    filters = [{"Name": "subnet-id", "Values": subnets}]
    found = boto3.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return [interface for interface in found if "Glue" in interface["Description"]]


def _fargate(evidence: Evidence) -> str:
    """Every task that is wanted runs, on what it was meant to run on."""
    if not evidence.ids("AWS::ECS::Service"):
        raise NotVerifiableError("this deployment has no collector")
    ecs = boto3.client("ecs")
    (cluster,), (service,) = evidence.ids("AWS::ECS::Cluster"), evidence.ids("AWS::ECS::Service")
    (described,) = ecs.describe_services(cluster=cluster, services=[service])["services"]
    same("running tasks", described["runningCount"], described["desiredCount"])
    tasks = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
    running = ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"]
    same("tasks that do not run", [task for task in running if task["lastStatus"] != "RUNNING"], [])
    kinds = {f"{task['capacityProviderName']} in {task['availabilityZone']}" for task in running}
    return f"{words(len(running), 'task')} on {', '.join(sorted(kinds))}"


def _glue_start(evidence: Evidence) -> str:
    """Glue started each run in its own engine; how long that took is what no machine can tell."""
    runs = evidence.glue_runs()
    same("states of the Glue runs", sorted(run["JobRunState"] for run in runs).count("SUCCEEDED"), 2)
    engines = {run["GlueVersion"] for run in runs}
    waits = [(run["CompletedOn"] - run["StartedOn"]).total_seconds() - run["ExecutionTime"] for run in runs]
    return f"Glue {', '.join(sorted(engines))}, started in {min(waits):.0f} to {max(waits):.0f} s"


def _alarm_rings(evidence: Evidence) -> str:
    """CloudWatch itself saw the broken file's run."""
    (name,) = [name for name in evidence.ids("AWS::CloudWatch::Alarm") if "FailedRuns" in name]
    history = boto3.client("cloudwatch").describe_alarm_history(
        AlarmName=name, HistoryItemType="StateUpdate"
    )["AlarmHistoryItems"]
    rang = [item["HistorySummary"] for item in history if "to ALARM" in item["HistorySummary"]]
    assert rang, f"{name} has not rung"
    return f"{name}: {rang[0]}"


def _lines(group: str, pattern: str) -> list[str]:
    pages = boto3.client("logs").get_paginator("filter_log_events")
    events = pages.paginate(logGroupName=group, filterPattern=pattern)
    return [event["message"].strip() for page in events for event in page["events"]]


CHECKS = (
    Check(
        id="account.iam",
        claim="IAM lets each role do what the runs need",
        source=README,
        observe=_iam,
        account_only=True,
        documentation_only="IAM",
    ),
    Check(
        id="account.networking",
        claim="The jobs reach the collector, S3 and X-Ray through the VPC",
        source=README,
        observe=_networking,
        account_only=True,
        documentation_only="networking",
    ),
    Check(
        id="account.fargate",
        claim="Fargate runs the collector",
        source=README,
        observe=_fargate,
        account_only=True,
        documentation_only="Fargate",
    ),
    Check(
        id="account.glue",
        claim="Glue starts both jobs with what the stack gives them",
        source=README,
        observe=_glue_start,
        account_only=True,
        documentation_only="Glue's own start-up",
    ),
    Check(
        id="account.alarm",
        claim="The alarm FailedRuns rings after a failed run",
        source="docs/metrics.md",
        observe=_alarm_rings,
        account_only=True,
    ),
    Check(
        id="account.mwaa",
        claim="Amazon MWAA runs the DAG",
        source=README,
        observe=lambda evidence: airflow.runs_the_dag(),
        account_only=True,
        documentation_only="MWAA itself",
    ),
    Check(
        id="account.mwaa.networking",
        claim="MWAA's workers reach what the DAG calls",
        source=README,
        observe=lambda evidence: airflow.reaches_what_it_calls(),
        account_only=True,
        documentation_only="its networking",
    ),
    Check(
        id="account.emr.cluster",
        claim="The report runs on an EMR cluster",
        source=README,
        observe=lambda evidence: airflow.reported_on_a_cluster(),
        account_only=True,
        documentation_only="`emr=cluster`",
    ),
)
