# SPDX-License-Identifier: Apache-2.0
"""The OpenTelemetry collector: OTLP from the jobs in, X-Ray segments and CloudWatch metrics out."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import aws_cdk.aws_ecs as ecs
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_servicediscovery as servicediscovery
from constructs import Construct

from stacks.collector_image import COLLECTOR_IMAGE
from stacks.custom_resources import CustomResources
from stacks.job_metrics import namespace as metrics_namespace
from stacks.log_group import OwnedLogGroup
from stacks.network import OTLP_PORTS, Network
from stacks.settings import Settings
from stacks.trust import service
from stacks.xray import xray_statement

CONFIG = Path(__file__).resolve().parent.parent / "collector" / "otel-agent-config.yaml"
# Fargate's smallest task. Measured with this configuration (docs/collector.md): at most 85 ms of CPU per
# 1,000 spans, so a quarter of a vCPU takes 2,900 spans a second, 49 jobs; 97 MiB with 100 jobs at once.
CPU = 256  # a quarter of a vCPU
MEMORY = 512  # MiB
PROVIDERS = {"spot": "FARGATE_SPOT", "on-demand": "FARGATE"}


class Collector(Construct):
    """Fargate tasks behind one private DNS name, in either of two zones; a dead one soon leaves the name.

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
        network: Network,
        custom_resources: CustomResources,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        stack = cdk.Stack.of(self)
        self._key = key
        self._settings = settings
        self.network = network
        namespace = servicediscovery.PrivateDnsNamespace(
            self, "Namespace", vpc=network.vpc, name=f"{stack.stack_name.lower()}.internal"
        )
        cluster = self._build_cluster(network)
        task = self._build_task()
        service = self.service = self._build_service(cluster, task, network, namespace)
        # Routes and rights first: a task pulls its image and opens its log stream at once.
        reachable = network.vpc.select_subnets(subnet_group_name=network.collector_subnets.subnet_group_name)
        service.node.add_dependency(reachable.internet_connectivity_established, task.obtain_execution_role())
        service.node.add_dependency(_capacity_providers(custom_resources, cluster))
        self.host = f"collector.{namespace.namespace_name}"
        self.endpoint = f"http://{self.host}:{OTLP_PORTS[1]}"

    def _build_cluster(self, network: Network) -> ecs.Cluster:
        insights = {
            "disabled": ecs.ContainerInsights.DISABLED,
            "enabled": ecs.ContainerInsights.ENABLED,
            "enhanced": ecs.ContainerInsights.ENHANCED,
        }[self._settings.container_insights]
        # Named only when needed: Container Insights derives its log group's name from the cluster's.
        measured = insights != ecs.ContainerInsights.DISABLED
        name = f"{cdk.Stack.of(self).stack_name}-collector" if measured else None
        cluster = ecs.Cluster(
            self, "Cluster", vpc=network.vpc, cluster_name=name, container_insights_v2=insights
        )
        if measured:
            group = self._log_group("Insights", name=f"/aws/ecs/containerinsights/{name}/performance")
            cluster.node.add_dependency(group)
        return cluster

    def _build_task(self) -> ecs.FargateTaskDefinition:
        logs = self.log_group = self._log_group("Logs")
        metrics = self._log_group("Metrics")
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=CPU,
            memory_limit_mib=MEMORY,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.of(self._settings.collector_architecture.upper()),
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
                "METRICS_NAMESPACE": metrics_namespace(cdk.Stack.of(self)),
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
        network: Network,
        namespace: servicediscovery.INamespace,
    ) -> ecs.FargateService:
        provider = PROVIDERS[self._settings.collector_capacity]
        return ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            desired_count=self._settings.collector_tasks,
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            capacity_provider_strategies=[ecs.CapacityProviderStrategy(capacity_provider=provider, weight=1)],
            vpc_subnets=network.collector_subnets,
            assign_public_ip=network.collector_has_public_ip,
            security_groups=[network.collector_security_group],
            cloud_map_options=ecs.CloudMapOptions(
                cloud_map_namespace=namespace,
                name="collector",
                dns_record_type=servicediscovery.DnsRecordType.A,
                dns_ttl=cdk.Duration.seconds(10),
            ),
        )

    def _log_group(self, id_: str, *, name: str | None = None) -> OwnedLogGroup:
        days = self._settings.log_retention_days
        return OwnedLogGroup(self, id_, key=self._key, retention_days=days, name=name)

    def _role(self, id_: str) -> iam.Role:
        return iam.Role(self, id_, assumed_by=service(self, "ecs-tasks"))


def _capacity_providers(custom_resources: CustomResources, cluster: ecs.Cluster) -> cdk.CustomResource:
    """Give the cluster Fargate and Fargate Spot, which in a fresh account takes more than one attempt."""
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
