# SPDX-License-Identifier: Apache-2.0
"""What AWS refuses and an emulator forgives: one module per rule, each with its source.

All rules hold unless ``LOCAL_CLOUD_RULES_OFF`` names some, separated by commas (`RULES` lists them), or is
``all``. docs/decisions/aws-rules.md is the list for people.
"""

from __future__ import annotations

import os
from typing import Any

from local_cloud.aws_rules import function_environment, kms_route
from local_cloud.aws_rules.clock import Clock
from local_cloud.aws_rules.network_interfaces import Interfaces
from local_cloud.aws_rules.service_linked_role import EcsRole
from local_cloud.services.glue import GlueRuns

RULES_OFF = "LOCAL_CLOUD_RULES_OFF"
RULES = ("function_environment", "kms_route", "network_interfaces", "service_linked_role")


def install(runs: GlueRuns, app: Any) -> None:
    """Put the rules in front of ministack's services and of the Glue runs."""
    clock = Clock()
    clock.install(app)
    if _holds("function_environment"):
        function_environment.install()
    if _holds("kms_route"):
        runs.preconditions.append(kms_route.refusal)
    if _holds("network_interfaces"):
        interfaces = Interfaces(clock)
        interfaces.install()
        runs.preconditions.append(interfaces.attach)
        runs.listeners.append(interfaces.release)
    if _holds("service_linked_role"):
        EcsRole().install()


def _holds(rule: str) -> bool:
    """Return whether a rule is on."""
    off = os.environ.get(RULES_OFF, "")
    return off != "all" and rule not in (name.strip() for name in off.split(","))
