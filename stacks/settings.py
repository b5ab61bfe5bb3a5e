# SPDX-License-Identifier: Apache-2.0
"""What a deployment may choose, read once from the CDK context and checked in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from constructs import Node

from stacks.context_values import a_key, a_stack_name, an_address, between, one_of, some_zones, typed

COLLECTORS = ("fargate", "none")
NETWORKS = ("endpoints", "nat")
CAPACITIES = ("spot", "on-demand")
INSIGHTS = ("disabled", "enabled", "enhanced")
SWITCH = ("enabled", "disabled")
SWITCHES = ("traces", "metrics", "log_correlation", "metrics_run_id", "xray_otlp", "start_on_upload")
AIRFLOW = ("none", "mwaa")
AIRFLOW_WEB = ("private", "public")
EMR = ("serverless", "cluster")
WORKER_TYPES = ("G.1X", "G.2X", "G.4X", "G.8X", "R.1X", "R.2X", "R.4X", "R.8X")
GLUE_VERSIONS = ("5.0", "5.1", "6.0")  # what the jobs are tested on: docs/decisions/glue-version.md
ARCHITECTURES = ("arm64", "x86_64")
RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)  # what CloudWatch Logs takes


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One deployment's choices. Each field is a context value: ``cdk deploy -c network=nat``, or cdk.json.

    Parameters
    ----------
    stack_name
        Name of the stack, and first part of what it names: another one makes a second copy in the account.
    zones
        Two Availability Zones or more, as ``us-east-1a,us-east-1b``; the jobs and X-Ray's endpoint are in the
        first. ``any``: the first two of the account, which may be zones without X-Ray or without ARM Fargate.
    collector
        ``fargate``: tasks in a VPC of the stack. ``none``: no collector, no VPC and no NAT gateway, so that
        idling costs next to nothing; the jobs write to X-Ray themselves and send no metrics. See
        docs/exporters.md.
    network
        ``endpoints``: no NAT gateway; the jobs reach S3 and X-Ray through VPC endpoints and the collector
        has a public address that nobody may call. ``nat``: everything private behind one NAT gateway.
    collector_capacity
        ``spot`` or ``on-demand`` Fargate for the collector tasks.
    collector_architecture
        Processor of the collector tasks: ``arm64``, a fifth cheaper, or ``x86_64``, which every zone has.
    xray_otlp
        ``enabled``, with ``collector=none`` only: the jobs send OpenTelemetry spans to X-Ray's own OTLP
        endpoint, and may do so. It takes them where Transaction Search is on, a switch of the account that
        this stack never touches; elsewhere the jobs say so and write segments.
    collector_tasks
        One; while it is replaced, the jobs send their spans to X-Ray themselves, and lose their metrics. Or
        two, one in each zone, for 5.81 USD a month more.
    container_insights
        CloudWatch Container Insights of the collector's cluster: ``disabled``, ``enabled`` or ``enhanced``.
    customer_key
        ``own``: a KMS key of the stack for logs, failed events and messages. The ARN of a
        key: that one. ``none``: the encryption at rest that each service has without a customer's key.
    access_logs, flow_logs
        ``enabled`` or ``disabled``: who read and wrote the buckets, and who talked in the VPC.
    glue_version, glue_worker_type, glue_number_of_workers
        The Spark jobs' engine and size. Glue wants two workers or more.
    glue_concurrent_runs
        Runs of each job at once, one for each upload under way; further ones wait in Glue's queue. The
        account's quotas of job runs and DPU must allow them, see docs/scale.md.
    trace_sampling_rate
        Share of the uploads that are traced, 0 to 1. The choice holds for the whole trace of an upload.
    traces, metrics, log_correlation
        ``enabled`` or ``disabled``, each on its own: spans in X-Ray; numbers of the jobs in CloudWatch;
        JSON log lines that carry the ids of the trace, the run, the job and the step.
    metrics_run_id
        ``enabled``: metrics once more for each run, at about 0.30 USD a month each.
    alarm_email
        Who is told of alarms and failed runs: an address, which AWS asks to confirm, or ``none``.
    alarm_rejected_percent
        Share of a file's rows that may be rejected before an alarm, 0 to 100.
    log_retention_days
        How long CloudWatch and the log bucket keep logs.
    start_on_upload
        Whether an upload below ``input/`` starts the pipeline; ``disabled`` where another starts the jobs.
    airflow
        ``mwaa``: a second stack with an Amazon MWAA environment whose DAG runs the same two jobs. It costs by
        the hour, see docs/cost.md. ``none``: nothing of it.
    airflow_web
        Who reaches Airflow's web page: ``private``, those in the VPC; ``public``, everybody whom IAM lets in.
    emr
        Where that DAG's report job runs: ``serverless``, or a ``cluster`` that each run starts and ends.
    """

    stack_name: str = "OtelSolutionStack"
    zones: str = "any"
    collector: str = "fargate"
    collector_architecture: Literal["arm64", "x86_64"] = "arm64"
    xray_otlp: str = "disabled"
    network: str = "endpoints"
    collector_capacity: Literal["spot", "on-demand"] = "spot"
    collector_tasks: int = 1
    container_insights: Literal["disabled", "enabled", "enhanced"] = "disabled"
    customer_key: str = "own"
    access_logs: str = "enabled"
    flow_logs: str = "enabled"
    glue_version: str = "5.1"
    glue_worker_type: str = "G.1X"
    glue_number_of_workers: int = 2
    glue_concurrent_runs: int = 50
    trace_sampling_rate: float = 1.0
    traces: str = "enabled"
    metrics: str = "enabled"
    log_correlation: str = "enabled"
    metrics_run_id: str = "disabled"
    alarm_email: str = "none"
    alarm_rejected_percent: int = 25
    log_retention_days: int = 30
    start_on_upload: str = "enabled"
    airflow: str = "none"
    airflow_web: str = "private"
    emr: str = "serverless"

    def __post_init__(self) -> None:
        a_stack_name(self.stack_name)
        some_zones(self.zones)
        one_of("collector", self.collector, COLLECTORS)
        one_of("collector_architecture", self.collector_architecture, ARCHITECTURES)
        one_of("network", self.network, NETWORKS)
        one_of("collector_capacity", self.collector_capacity, CAPACITIES)
        one_of("container_insights", self.container_insights, INSIGHTS)
        one_of("access_logs", self.access_logs, SWITCH)
        one_of("flow_logs", self.flow_logs, SWITCH)
        for switch in SWITCHES:
            one_of(switch, getattr(self, switch), SWITCH)
        a_key("customer_key", self.customer_key)
        an_address("alarm_email", self.alarm_email)
        one_of("glue_version", self.glue_version, GLUE_VERSIONS)
        one_of("glue_worker_type", self.glue_worker_type, WORKER_TYPES)
        one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS)
        one_of("airflow", self.airflow, AIRFLOW)
        one_of("airflow_web", self.airflow_web, AIRFLOW_WEB)
        one_of("emr", self.emr, EMR)
        _airflow_has_a_network(self)
        between("collector_tasks", self.collector_tasks, 1, 2)
        between("glue_number_of_workers", self.glue_number_of_workers, 2, 299)
        between("glue_concurrent_runs", self.glue_concurrent_runs, 1, 1000)  # Glue quota L-F574AED9
        between("trace_sampling_rate", self.trace_sampling_rate, 0, 1)
        between("alarm_rejected_percent", self.alarm_rejected_percent, 0, 100)
        if self.xray_otlp == "enabled" and self.collector != "none":
            raise ValueError(
                "The context value xray_otlp=enabled is for jobs without a collector, but collector is "
                f"{self.collector}; add -c collector=none, or see docs/exporters.md for the collector's way."
            )

    def consistent(self) -> Settings:
        """Return the choices with what follows from them.

        Metrics leave a job through the collector alone, and flow logs are those of its VPC.
        """
        if self.collector != "none":
            return self
        return replace(self, metrics="disabled", metrics_run_id="disabled", flow_logs="disabled")

    @property
    def zone_names(self) -> list[str] | None:
        """The zones by name; None where any two will do."""
        return None if self.zones == "any" else self.zones.split(",")

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
                given[field.name] = typed(field.name, value, type(field.default))
        return cls(**given)


def airflow_stack_name(stack_name: str) -> str:
    """Return the name of the Airflow stack beside a main stack.

    Examples
    --------
    >>> airflow_stack_name("Second")
    'SecondAirflow'
    """
    return "AirflowStack" if stack_name == Settings.stack_name else f"{stack_name}Airflow"


def _airflow_has_a_network(settings: Settings) -> None:
    if settings.airflow != "none" and settings.collector == "none":
        raise ValueError(
            "The context values airflow=mwaa and collector=none exclude each other: Airflow shares the "
            "collector's VPC; leave collector=fargate."
        )
