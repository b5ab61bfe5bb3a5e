# SPDX-License-Identifier: Apache-2.0
"""Writes the cost table into docs/cost.md: ``python -m tests.integration.stacks.cost``.

Quantities come from the synthesized templates, prices from the list below.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings
from tests.integration.stacks.conftest import Synthesized, build_app

PAGE = Path(__file__).parents[3] / "docs" / "cost.md"
BEGIN = "<!-- idle: written by `python -m tests.integration.stacks.cost` -->\n"
END = "<!-- end of idle -->\n"

HOURS = 730  # in a month, as AWS's own calculator has it
# US dollars, us-east-1, list prices
NAT_GATEWAY_HOUR = 0.045
ENDPOINT_HOUR = 0.01  # interface endpoint, for each zone
IPV4_HOUR = 0.005
ARM_VCPU_HOUR, ARM_GB_HOUR = 0.03238, 0.00356
SPOT_SHARE = 0.3  # of the list price: AWS says "up to 70 %" off, the actual price changes
ZONE_MONTH = 0.50
KEY_MONTH = 1.00
ALARM_METRIC_MONTH = 0.10  # for each metric that an alarm looks at
DASHBOARD_MONTH = 3.00

COLUMNS = ("NAT gateway", "endpoint", "public IPv4", "tasks", "zone", "key", "alarms", "dashboard")
VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "`customer_key=none`": {"customer_key": "none"},
    "`collector_tasks=2`": {"collector_tasks": 2},
    "`collector_capacity=on-demand`": {"collector_capacity": "on-demand"},
    "`collector_capacity=on-demand`, `collector_tasks=2`": {
        "collector_capacity": "on-demand",
        "collector_tasks": 2,
    },
    "`network=nat`": {"network": "nat"},
    "`network=nat`, `collector_capacity=on-demand`, `collector_tasks=2`": {
        "network": "nat",
        "collector_capacity": "on-demand",
        "collector_tasks": 2,
    },
    "`collector=none`": {"collector": "none"},
    "`collector=none`, `customer_key=none`": {"collector": "none", "customer_key": "none"},
}
REFERENCE = ("published reference", (65.70, 0.0, 7.30, 9.01, 0.50, 0.0, 0.0, 0.0))  # see the page


def idle(template: Synthesized) -> tuple[float, ...]:
    """What a deployment costs in a month without a single upload, by column, in US dollars."""
    tasks, addresses = _collector(template)
    zones = sum(len(p.get("SubnetIds", [])) for p in template.of_type("AWS::EC2::VPCEndpoint").values())
    return (
        len(template.of_type("AWS::EC2::NatGateway")) * NAT_GATEWAY_HOUR * HOURS,
        zones * ENDPOINT_HOUR * HOURS,
        (len(template.of_type("AWS::EC2::EIP")) + addresses) * IPV4_HOUR * HOURS,
        tasks * HOURS,
        len(template.of_type("AWS::ServiceDiscovery::PrivateDnsNamespace")) * ZONE_MONTH,
        len(template.of_type("AWS::KMS::Key")) * KEY_MONTH,
        sum(_metrics(alarm) for alarm in template.of_type("AWS::CloudWatch::Alarm").values())
        * ALARM_METRIC_MONTH,
        len(template.of_type("AWS::CloudWatch::Dashboard")) * DASHBOARD_MONTH,
    )


def _collector(template: Synthesized) -> tuple[float, int]:
    """US dollars an hour of the collector's tasks, and how many public addresses they have."""
    if not template.of_type("AWS::ECS::Service"):
        return 0.0, 0
    service = template.only("AWS::ECS::Service")
    task = template.only("AWS::ECS::TaskDefinition")
    public = service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED"
    (strategy,) = service["CapacityProviderStrategy"]
    share = SPOT_SHARE if strategy["CapacityProvider"] == "FARGATE_SPOT" else 1
    hour = int(task["Cpu"]) / 1024 * ARM_VCPU_HOUR + int(task["Memory"]) / 1024 * ARM_GB_HOUR
    return service["DesiredCount"] * hour * share, service["DesiredCount"] * public


def _metrics(alarm: dict[str, Any]) -> int:
    """How many metrics an alarm bills as: those that it looks at, and the two edges of an anomaly band.

    An expression over them is none. Source: https://aws.amazon.com/cloudwatch/pricing/
    """
    queries = alarm.get("Metrics", [])
    bands = sum("ANOMALY_DETECTION_BAND" in query.get("Expression", "") for query in queries)
    return sum("MetricStat" in query for query in queries) + 2 * bands or 1


def table(costs: dict[str, tuple[float, ...]]) -> str:
    """The costs of each variant as a Markdown table, and the reference's below."""
    head = f"| context | {' | '.join(COLUMNS)} | **idle a month** |\n|---|{'---:|' * (len(COLUMNS) + 1)}\n"
    rows = {**costs, REFERENCE[0]: REFERENCE[1]}
    return head + "".join(
        f"| {name} | {' | '.join(_dollars(part) for part in parts)} | **{sum(parts):.2f}** |\n"
        for name, parts in rows.items()
    )


def _dollars(amount: float) -> str:
    return f"{amount:.2f}" if amount else "–"  # noqa: RUF001 - a dash for nothing


def page_with(page: str, content: str) -> str:
    """The page with the table between its two marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def main() -> None:
    """Synthesize every variant and write the table into the page."""
    costs = {}
    for name, context in VARIANTS.items():
        with tempfile.TemporaryDirectory() as directory:
            app = build_app(Path(directory), **context)
            OtelSolutionStack(app, "Cost", settings=Settings.from_context(app.node))
            costs[name] = idle(Synthesized(app.synth().get_stack_by_name("Cost").template))
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), table(costs)), encoding="utf-8")


if __name__ == "__main__":
    main()
