# SPDX-License-Identifier: Apache-2.0
"""The collector's service, its image and its one configuration file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from glue_tracing.collector.image import COLLECTOR_IMAGE
from tests.integration.stacks.conftest import Synthesized

CONFIG = Path(__file__).parents[3] / "glue_tracing" / "collector" / "otel-agent-config.yaml"


@pytest.fixture(scope="module")
def container(default: Synthesized) -> dict[str, Any]:
    (container,) = default.only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    return dict(container)


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return dict(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))


def test_the_image_has_a_version_for_people_and_a_digest_for_machines(container: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w./-]+:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64}", COLLECTOR_IMAGE)
    assert container["Image"] == COLLECTOR_IMAGE


def test_the_container_runs_the_file_in_this_repository(container: dict[str, Any]) -> None:
    assert container["Environment"][0] == {"Name": "AOT_CONFIG_CONTENT", "Value": CONFIG.read_text()}
    assert [pair["Name"] for pair in container["Environment"][1:]] == [
        "METRICS_NAMESPACE",
        "METRICS_LOG_GROUP",
    ]
    assert container["ReadonlyRootFilesystem"] is True


def test_the_container_has_a_health_check_that_needs_no_shell(
    container: dict[str, Any], config: dict[str, Any]
) -> None:
    assert container["HealthCheck"]["Command"] == ["CMD", "/healthcheck"]
    assert "health_check" in config["service"]["extensions"]


def test_it_listens_for_grpc_and_http(container: dict[str, Any], config: dict[str, Any]) -> None:
    assert [mapping["ContainerPort"] for mapping in container["PortMappings"]] == [4317, 4318]
    protocols = config["receivers"]["otlp"]["protocols"]
    assert protocols["grpc"]["endpoint"] == "${env:OTLP_GRPC_ENDPOINT:-0.0.0.0:4317}"
    assert protocols["http"]["endpoint"] == "${env:OTLP_HTTP_ENDPOINT:-0.0.0.0:4318}"


def test_a_new_task_starts_before_the_old_one_ends_in_a_zone_of_two(default: Synthesized) -> None:
    service = default.only("AWS::ECS::Service")
    assert service["DesiredCount"] == 1
    assert service["DeploymentConfiguration"] == {
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        "MaximumPercent": 200,
        "MinimumHealthyPercent": 100,
    }
    assert service["AvailabilityZoneRebalancing"] == "ENABLED"
    assert len(service["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"]) == 2


def test_a_task_starts_when_it_can_reach_its_image_and_open_its_log(default: Synthesized) -> None:
    (service,) = [r for r in default.resources.values() if r["Type"] == "AWS::ECS::Service"]
    needed = " ".join(service["DependsOn"])
    assert "PublicSubnet1DefaultRoute" in needed
    assert "ExecutionRoleDefaultPolicy" in needed


def test_two_tasks_are_a_choice(synth: Callable[..., Synthesized]) -> None:
    assert synth(collector_tasks="2").only("AWS::ECS::Service")["DesiredCount"] == 2


@pytest.mark.parametrize(("capacity", "provider"), [("spot", "FARGATE_SPOT"), ("on-demand", "FARGATE")])
def test_the_capacity_is_a_choice(synth: Callable[..., Synthesized], capacity: str, provider: str) -> None:
    template = synth(collector_capacity=capacity)
    strategy = template.only("AWS::ECS::Service")["CapacityProviderStrategy"]
    assert strategy == [{"CapacityProvider": provider, "Weight": 1}]
    assert provider in template.only("Custom::CapacityProviders")["CapacityProviders"]


@pytest.mark.parametrize(("chosen", "processor"), [("arm64", "ARM64"), ("x86_64", "X86_64")])
def test_the_architecture_is_a_choice(synth: Callable[..., Synthesized], chosen: str, processor: str) -> None:
    task = synth(collector_architecture=chosen).only("AWS::ECS::TaskDefinition")
    assert task["RuntimePlatform"]["CpuArchitecture"] == processor


def test_the_jobs_find_it_by_a_private_name_that_forgets_dead_tasks_fast(default: Synthesized) -> None:
    namespace = default.only("AWS::ServiceDiscovery::PrivateDnsNamespace")
    service = default.only("AWS::ServiceDiscovery::Service")
    assert (service["Name"], namespace["Name"]) == ("collector", "otelsolutionstack.internal")
    assert service["DnsConfig"]["DnsRecords"] == [{"TTL": 10, "Type": "A"}]


def test_container_insights_log_to_a_group_of_the_stack(synth: Callable[..., Synthesized]) -> None:
    template = synth(container_insights="enabled")
    cluster = template.only("AWS::ECS::Cluster")["ClusterName"]
    group = template.only("AWS::Logs::LogGroup", "CollectorInsights")
    assert group["LogGroupName"] == f"/aws/ecs/containerinsights/{cluster}/performance"


def test_a_span_is_acknowledged_by_x_ray_or_not_at_all(config: dict[str, Any]) -> None:
    """No batch and no queue stand between a job's request and X-Ray: both lose what they hold at a stop."""
    assert config["service"]["pipelines"]["traces"] == {
        "receivers": ["otlp"],
        "processors": ["memory_limiter", "filter/airflow"],
        "exporters": ["awsxray"],
    }
    assert config["exporters"]["awsxray"]["max_retries"] == 2


def test_every_component_that_is_configured_is_used(config: dict[str, Any]) -> None:
    pipelines = config["service"]["pipelines"].values()
    for kind in ("receivers", "processors", "exporters"):
        assert set(config[kind]) == {name for pipeline in pipelines for name in pipeline.get(kind, [])}
    assert list(config["extensions"]) == config["service"]["extensions"]
