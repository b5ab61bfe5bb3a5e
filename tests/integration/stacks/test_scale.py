# SPDX-License-Identifier: Apache-2.0
"""What docs/scale.md says of the stack is what its template has."""

from __future__ import annotations

import ipaddress
import json

from stacks.cost import of_type
from stacks.pipeline import DEFINITION
from tests.integration.stacks.conftest import Synthesized
from tests.nightly.scale import figures
from tests.nightly.scale.deployment import Deployment

RESERVED = 5  # addresses of each subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html


def test_both_jobs_run_as_often_and_as_large(default: Synthesized) -> None:
    jobs = of_type(default.template, "AWS::Glue::Job")
    sizes = [(job["ExecutionProperty"]["MaxConcurrentRuns"], job["NumberOfWorkers"]) for job in jobs]
    assert sizes == [(Deployment().concurrent_runs, Deployment().workers)] * figures.JOBS


def test_lambda_tries_an_event_as_often(default: Synthesized) -> None:
    (config,) = of_type(default.template, "AWS::Lambda::EventInvokeConfig")
    assert config["MaximumRetryAttempts"] == figures.LAMBDA_RETRIES


def test_a_collector_task_has_as_much_of_a_core(default: Synthesized) -> None:
    (task,) = of_type(default.template, "AWS::ECS::TaskDefinition")
    (service,) = of_type(default.template, "AWS::ECS::Service")
    assert int(task["Cpu"]) / 1024 == figures.TASK_VCPU.value
    assert service["DesiredCount"] == Deployment().collector_tasks


def test_the_jobs_subnet_is_as_large(default: Synthesized) -> None:
    sizes = [
        ipaddress.ip_network(subnet["CidrBlock"]) for subnet in of_type(default.template, "AWS::EC2::Subnet")
    ]
    assert max(size.num_addresses for size in sizes) - RESERVED == figures.ADDRESSES.value


def test_the_state_machine_waits_as_long() -> None:
    states = json.loads(DEFINITION.read_text(encoding="utf-8"))["States"]
    assert {state.get("TimeoutSeconds") for state in states.values()} == {None, figures.STATE_TIMEOUT_S}
    assert states["Wait for Addresses"]["Seconds"] == figures.ADDRESS_PAUSE_S
    assert f"< {figures.ADDRESS_WAITS} " in states["Lacks Addresses"]["Choices"][0]["Condition"]
