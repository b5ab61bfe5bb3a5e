# SPDX-License-Identifier: Apache-2.0
"""The OpenTelemetry collector: OTLP from the jobs in, X-Ray segments and CloudWatch metrics out."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_ecs as ecs
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_servicediscovery as servicediscovery
from constructs import Construct, IDependable

from glue_tracing.collector.existing_network import ExistingNetwork
from glue_tracing.collector.image import COLLECTOR_IMAGE
from glue_tracing.collector.interface_release import release_interfaces
from glue_tracing.collector.job_network import OTLP_PORTS, JobNetwork
from glue_tracing.collector.network import Network
from glue_tracing.custom_resources import CustomResources
from glue_tracing.log_group import OwnedLogGroup
from glue_tracing.trust import service
from glue_tracing.xray import xray_statement

CONFIG: Final = Path(__file__).with_name("otel-agent-config.yaml")
# Fargate's smallest task. Measured with this configuration (docs/collector.md): at most 85 ms of CPU per
# 1,000 spans, so a quarter of a vCPU takes 2,900 spans a second, 49 jobs; 97 MiB with 100 jobs at once.
CPU: Final = 256  # a quarter of a vCPU
MEMORY: Final = 512  # MiB
PROVIDERS: Final = {"spot": "FARGATE_SPOT", "on-demand": "FARGATE"}


class Collector(Construct):
    """Fargate tasks behind one private DNS name, in either of two zones; a dead one soon leaves the name.

    Parameters
    ----------
    vpc
        A VPC that is there already: it gets two security groups, and what its subnets lack is said at synth.
        Without it the collector has a network of its own, with endpoints for S3 and X-Ray.
    network
        Instead of ``vpc``: a `Network` with choices of its own, for example behind a NAT gateway.
    namespace
        A Cloud Map namespace whose name the collector gets, ``collector.<namespace>``; the VPC must know it.
        Default: one for the stack, ``<stack name>.internal``.
    tasks, capacity, architecture
        How many there are, on ``spot`` or ``on-demand`` Fargate, and their processor.
    container_insights
        CloudWatch's own look at the cluster.
    metrics_namespace
        Where the jobs' metrics are in CloudWatch. Default: the stack's name.
    key, retention_days
        The key and the age of its logs.
    custom_resources
        The function that others have made for custom resources. Default: one of its own.

    Example
    -------
    ``Collector(self, "Collector", vpc=ec2.Vpc.from_lookup(self, "Vpc", vpc_id="vpc-1"))``

    Attributes
    ----------
    host, endpoint
        Its name in the VPC, and what a job gives as its OTLP/HTTP endpoint.
    network
        Where its tasks run, and the jobs that send to it.
    service, log_group
        The ECS service, and where its tasks log.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        vpc: ec2.IVpc | None = None,
        network: JobNetwork | None = None,
        namespace: servicediscovery.INamespace | None = None,
        tasks: int = 1,
        capacity: Literal["spot", "on-demand"] = "spot",
        architecture: Literal["arm64", "x86_64"] = "arm64",
        container_insights: Literal["disabled", "enabled", "enhanced"] = "disabled",
        metrics_namespace: str | None = None,
        key: kms.IKey | None = None,
        retention_days: int = 30,
        custom_resources: CustomResources | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._key, self._retention_days = key, retention_days
        self._metrics_namespace = metrics_namespace or cdk.Stack.of(self).stack_name
        network = self.network = network or self._build_network(vpc)
        self._custom_resources = custom_resources or CustomResources(
            self, "CustomResources", key=key, retention_days=retention_days
        )
        namespace = namespace or self._build_namespace()
        cluster = self._build_cluster(container_insights)
        task = self._build_task(architecture)
        service = self.service = self._build_service(cluster, task, namespace, tasks, PROVIDERS[capacity])
        # Routes and rights first: a task pulls its image and opens its log stream at once.
        reachable = network.vpc.select_subnets(
            subnet_group_name=network.collector_subnets.subnet_group_name,
            subnet_type=network.collector_subnets.subnet_type,
        )
        service.node.add_dependency(reachable.internet_connectivity_established, task.obtain_execution_role())
        service.node.add_dependency(_capacity_providers(self._custom_resources, cluster))
        self.host = f"collector.{namespace.namespace_name}"
        self.endpoint = f"http://{self.host}:{OTLP_PORTS[1]}"

    def release_interfaces(self) -> IDependable:
        """Remove, on destroy, what Glue leaves behind: what makes interfaces for jobs depends on this."""
        return release_interfaces(self._custom_resources, self.network)

    def _build_network(self, vpc: ec2.IVpc | None) -> JobNetwork:
        return Network(self, "Network") if vpc is None else ExistingNetwork(self, "Network", vpc=vpc)

    def _build_namespace(self) -> servicediscovery.INamespace:
        name = f"{cdk.Stack.of(self).stack_name.lower()}.internal"
        return servicediscovery.PrivateDnsNamespace(self, "Namespace", vpc=self.network.vpc, name=name)

    def _build_cluster(self, container_insights: str) -> ecs.Cluster:
        insights = {
            "disabled": ecs.ContainerInsights.DISABLED,
            "enabled": ecs.ContainerInsights.ENABLED,
            "enhanced": ecs.ContainerInsights.ENHANCED,
        }[container_insights]
        # Named only when needed: Container Insights derives its log group's name from the cluster's.
        measured = insights != ecs.ContainerInsights.DISABLED
        name = f"{cdk.Stack.of(self).stack_name}-collector" if measured else None
        cluster = ecs.Cluster(
            self, "Cluster", vpc=self.network.vpc, cluster_name=name, container_insights_v2=insights
        )
        if measured:
            group = self._log_group("Insights", name=f"/aws/ecs/containerinsights/{name}/performance")
            cluster.node.add_dependency(group)
        return cluster

    def _build_task(self, architecture: str) -> ecs.FargateTaskDefinition:
        logs = self.log_group = self._log_group("Logs")
        metrics = self._log_group("Metrics")
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=CPU,
            memory_limit_mib=MEMORY,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.of(architecture.upper()),
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            execution_role=self._role("ExecutionRole"),  # the log driver below adds what it needs
            task_role=self._role("TaskRole"),
        )
        task.add_to_task_role_policy(xray_statement("PutTraceSegments"))
        task.add_to_task_role_policy(metrics.write_statement())
        task.add_container(
            "collector",
            image=ecs.ContainerImage.from_registry(COLLECTOR_IMAGE),
            environment={
                "AOT_CONFIG_CONTENT": CONFIG.read_text(encoding="utf-8"),
                "METRICS_NAMESPACE": self._metrics_namespace,
                "METRICS_LOG_GROUP": metrics.log_group_name,
            },
            port_mappings=[ecs.PortMapping(container_port=port) for port in OTLP_PORTS],
            readonly_root_filesystem=True,
            # ECS ignores an image's own health check. The image has no shell: hence CMD and its tool.
            health_check=ecs.HealthCheck(
                command=["CMD", "/healthcheck"],
                interval=cdk.Duration.seconds(10),
                timeout=cdk.Duration.seconds(5),
                retries=3,
                start_period=cdk.Duration.seconds(15),
            ),
            stop_timeout=cdk.Duration.seconds(60),  # time to answer the requests in hand
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix="collector", log_group=logs, mode=ecs.AwsLogDriverMode.NON_BLOCKING
            ),
        )
        return task

    def _build_service(
        self,
        cluster: ecs.Cluster,
        task: ecs.FargateTaskDefinition,
        namespace: servicediscovery.INamespace,
        tasks: int,
        provider: str,
    ) -> ecs.FargateService:
        return ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            desired_count=tasks,
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            capacity_provider_strategies=[ecs.CapacityProviderStrategy(capacity_provider=provider, weight=1)],
            vpc_subnets=self.network.collector_subnets,
            assign_public_ip=self.network.collector_has_public_ip,
            security_groups=[self.network.collector_security_group],
            cloud_map_options=ecs.CloudMapOptions(
                cloud_map_namespace=namespace,
                name="collector",
                dns_record_type=servicediscovery.DnsRecordType.A,
                dns_ttl=cdk.Duration.seconds(10),
            ),
        )

    def _log_group(self, id_: str, *, name: str | None = None) -> OwnedLogGroup:
        return OwnedLogGroup(self, id_, key=self._key, retention_days=self._retention_days, name=name)

    def _role(self, id_: str) -> iam.Role:
        return iam.Role(self, id_, assumed_by=service(self, "ecs-tasks"))


def _capacity_providers(custom_resources: CustomResources, cluster: ecs.Cluster) -> cdk.CustomResource:
    """Add Fargate and Fargate Spot to the cluster, which in a fresh account takes more than one attempt."""
    attach = iam.PolicyStatement(
        sid="AttachCapacityProviders",
        actions=["ecs:PutClusterCapacityProviders"],
        resources=[cluster.cluster_arn],
    )
    return custom_resources.add(
        "CapacityProviders",
        properties={"Cluster": cluster.cluster_name, "CapacityProviders": list(PROVIDERS.values())},
        rights=[attach],
    )
