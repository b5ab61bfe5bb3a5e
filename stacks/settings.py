# SPDX-License-Identifier: Apache-2.0
"""What a deployment may choose, read once from the CDK context and checked in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from constructs import Node

NETWORKS = ("endpoints", "nat")
CAPACITIES = ("spot", "on-demand")
INSIGHTS = ("disabled", "enabled", "enhanced")
WORKER_TYPES = ("G.1X", "G.2X", "G.4X", "G.8X", "R.1X", "R.2X", "R.4X", "R.8X")
GLUE_VERSIONS = ("5.0", "5.1")  # Python 3.11 and Java 17: what the jobs are tested on
RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)  # what CloudWatch Logs takes


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One deployment's choices. Each field is a context value: ``cdk deploy -c network=nat``, or cdk.json.

    Parameters
    ----------
    network
        ``endpoints``: no NAT gateway; the jobs reach S3 and X-Ray through VPC endpoints and the collector
        has a public address that nobody may call. ``nat``: everything private behind one NAT gateway.
    collector_capacity
        ``spot`` or ``on-demand`` Fargate for the two collector tasks.
    container_insights
        CloudWatch Container Insights of the collector's cluster: ``disabled``, ``enabled`` or ``enhanced``.
    glue_version, glue_worker_type, glue_number_of_workers
        The Spark jobs' engine and size. Glue wants two workers or more.
    trace_sampling_rate
        Share of the uploads that are traced, 0 to 1. The choice holds for the whole trace of an upload.
    log_retention_days
        How long CloudWatch and the log bucket keep logs.
    """

    network: str = "endpoints"
    collector_capacity: str = "spot"
    container_insights: str = "disabled"
    glue_version: str = "5.1"
    glue_worker_type: str = "G.1X"
    glue_number_of_workers: int = 2
    trace_sampling_rate: float = 1.0
    log_retention_days: int = 30

    def __post_init__(self) -> None:
        _one_of("network", self.network, NETWORKS)
        _one_of("collector_capacity", self.collector_capacity, CAPACITIES)
        _one_of("container_insights", self.container_insights, INSIGHTS)
        _one_of("glue_version", self.glue_version, GLUE_VERSIONS)
        _one_of("glue_worker_type", self.glue_worker_type, WORKER_TYPES)
        _one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS)
        _between("glue_number_of_workers", self.glue_number_of_workers, 2, 299)
        _between("trace_sampling_rate", self.trace_sampling_rate, 0, 1)

    @classmethod
    def from_context(cls, node: Node) -> Settings:
        """Read the settings of an app or a stack; what the context leaves out keeps its default.

        Raises
        ------
        ValueError
            When a value is not one of those allowed. The message names the value and the choices.
        """
        given: dict[str, Any] = {}
        for field in fields(cls):
            value = node.try_get_context(field.name)
            if value is not None:
                given[field.name] = _typed(field.name, value, type(field.default))
        return cls(**given)


def _typed(name: str, value: object, kind: type) -> object:
    """``-c name=value`` on the command line arrives as text, a value of cdk.json as what it is."""
    try:
        return kind(str(value))
    except ValueError:
        raise ValueError(
            f"The context value {name}={value!r} is not a number; give one, for example -c {name}=2."
        ) from None


def _one_of(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        listed = ", ".join(str(choice) for choice in choices)
        raise ValueError(f"The context value {name}={value} is not known; choose one of {listed}.")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"The context value {name}={value} is out of range; give {low} to {high}.")
