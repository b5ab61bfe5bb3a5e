# SPDX-License-Identifier: Apache-2.0
"""A run that finds no address in the subnet is tried again, for the hour that Glue keeps addresses."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.aws_rules.network_interfaces import LINGER_S, NO_ADDRESSES
from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.test_failure_cause import STATES, choose, evaluate, job_run
from tests.integration.stacks.test_network import subnets_of_the_jobs

WORKERS_OF_A_RUN = 4  # two jobs of two
INPUT = {"input_uri": "s3://bucket/input/listings.csv"}


def caught(state: str, given: dict[str, Any], message: str) -> dict[str, Any]:
    catch = STATES[state]["Catch"][0]
    error = job_run(JobRunState="FAILED", ErrorMessage=message)
    states = {"input": given, "errorOutput": error, "context": {"State": {"Name": state}}}
    result: dict[str, Any] = evaluate(catch["Output"], states)
    return result


@pytest.mark.parametrize("state", ["Clean Data", "Process Data"])
def test_it_waits_for_addresses_an_hour_and_then_fails(state: str) -> None:
    given, waited = INPUT, 0
    while choose("Lacks Addresses", found := caught(state, given, NO_ADDRESSES)) == "Wait for Addresses":
        waited += STATES["Wait for Addresses"]["Seconds"]
        again = choose("Try Again", found)
        assert again == state
        (rule,) = STATES["Try Again"]["Choices"]
        template = rule if again == rule["Next"] else STATES["Try Again"]
        given = evaluate(template["Output"], {"input": found})
        assert given["input_uri"] == INPUT["input_uri"]
    assert waited == LINGER_S
    assert choose("Lacks Addresses", found) == "Explain Failure"


def test_another_failure_is_not_tried_again() -> None:
    found = caught("Clean Data", INPUT, "SchemaError: no column price")
    assert choose("Lacks Addresses", found) == "Explain Failure"


def test_the_subnet_has_room_for_thousands_of_uploads_an_hour(default: Synthesized) -> None:
    for subnet in subnets_of_the_jobs(default):
        assert (subnet.num_addresses - 5) // WORKERS_OF_A_RUN > 4000
