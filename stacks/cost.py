# SPDX-License-Identifier: Apache-2.0
"""What a synthesized template costs: quantities from the template, prices from the list below.

US dollars, us-east-1, list prices; docs/cost.md names the source of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HOURS = 730  # in a month, as AWS's own calculator has it
NAT_GATEWAY_HOUR = 0.045
ENDPOINT_HOUR = 0.01  # interface endpoint, for each zone
IPV4_HOUR = 0.005
ARM_VCPU_HOUR, ARM_GB_HOUR = 0.03238, 0.00356
SPOT_SHARE = 0.3  # of the list price: AWS says "up to 70 %" off, the actual price changes
ZONE_MONTH = 0.50
KEY_MONTH = 1.00
ALARM_METRIC_MONTH = 0.10  # for each metric that an alarm looks at
DASHBOARD_MONTH = 3.00
METRIC_MONTH = 0.30  # a custom metric, by the hour in which it is sent
GLUE_DPU_HOUR = 0.44  # by the second, one minute at least

COLUMNS = ("NAT gateway", "endpoint", "public IPv4", "tasks", "zone", "key", "alarms", "dashboard")
Template = Mapping[str, Any]


def idle(template: Template) -> tuple[float, ...]:
    """Return what a deployment costs in a month without a single upload, by column, in US dollars."""
    tasks, addresses = _collector(template)
    zones = sum(len(p.get("SubnetIds", [])) for p in of_type(template, "AWS::EC2::VPCEndpoint"))
    return (
        len(of_type(template, "AWS::EC2::NatGateway")) * NAT_GATEWAY_HOUR * HOURS,
        zones * ENDPOINT_HOUR * HOURS,
        (len(of_type(template, "AWS::EC2::EIP")) + addresses) * IPV4_HOUR * HOURS,
        tasks * HOURS,
        len(of_type(template, "AWS::ServiceDiscovery::PrivateDnsNamespace")) * ZONE_MONTH,
        len(of_type(template, "AWS::KMS::Key")) * KEY_MONTH,
        sum(map(_metrics, of_type(template, "AWS::CloudWatch::Alarm"))) * ALARM_METRIC_MONTH,
        len(of_type(template, "AWS::CloudWatch::Dashboard")) * DASHBOARD_MONTH,
    )


def of_type(template: Template, kind: str) -> list[Mapping[str, Any]]:
    """Return the properties of every resource of a type."""
    resources = template["Resources"].values()
    return [resource.get("Properties", {}) for resource in resources if resource["Type"] == kind]


def glue_run(dpu: float, seconds: float) -> float:
    """Return the price of one run of a Glue job, in US dollars.

    Examples
    --------
    >>> round(glue_run(dpu=2, seconds=30), 4)
    0.0147
    """
    return dpu * max(seconds, 60) / 3600 * GLUE_DPU_HOUR


def _collector(template: Template) -> tuple[float, int]:
    """Return US dollars an hour of the collector's tasks, and how many public addresses they have."""
    if not of_type(template, "AWS::ECS::Service"):
        return 0.0, 0
    (service,) = of_type(template, "AWS::ECS::Service")
    (task,) = of_type(template, "AWS::ECS::TaskDefinition")
    public = service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED"
    (strategy,) = service["CapacityProviderStrategy"]
    share = SPOT_SHARE if strategy["CapacityProvider"] == "FARGATE_SPOT" else 1
    hour = int(task["Cpu"]) / 1024 * ARM_VCPU_HOUR + int(task["Memory"]) / 1024 * ARM_GB_HOUR
    return service["DesiredCount"] * hour * share, service["DesiredCount"] * public


def _metrics(alarm: Mapping[str, Any]) -> int:
    """Return how many metrics an alarm bills as: those it looks at, and the two edges of an anomaly band.

    An expression over them is none. Source: https://aws.amazon.com/cloudwatch/pricing/
    """
    queries = alarm.get("Metrics", [])
    bands = sum("ANOMALY_DETECTION_BAND" in query.get("Expression", "") for query in queries)
    return sum("MetricStat" in query for query in queries) + 2 * bands or 1
