# SPDX-License-Identifier: Apache-2.0
"""CloudFormation's custom resources: which one it is, and the answer that CloudFormation waits for.

Protocol: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Callable
from typing import Any, Protocol

from . import capacity_providers, network_interfaces

ANSWER_TIMEOUT = 10  # seconds
ANSWER_ROOM = 30  # seconds of the function's time that are kept for the answer
log = logging.getLogger("custom_resources")
log.setLevel(logging.INFO)

RESOURCES: dict[str, Callable[[str, dict[str, Any], float], None]] = {
    "Custom::CapacityProviders": capacity_providers.handle,
    "Custom::NetworkInterfaces": network_interfaces.handle,
}


class Context(Protocol):
    """Lambda's context, as far as it is needed."""

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the function's time."""


def handler(event: dict[str, Any], context: Context) -> None:
    """Do what CloudFormation asks for, and tell it the outcome: it waits an hour for an answer."""
    seconds = context.get_remaining_time_in_millis() / 1000 - ANSWER_ROOM
    try:
        RESOURCES[event["ResourceType"]](event["RequestType"], event["ResourceProperties"], seconds)
        answer = {"Status": "SUCCESS"}
    except Exception as error:  # whatever it is, CloudFormation must hear of it
        log.exception("%s failed on %s", event["ResourceType"], event["RequestType"])
        answer = {"Status": "FAILED", "Reason": str(error)}
    _answer(event, answer)


def _answer(event: dict[str, Any], answer: dict[str, str]) -> None:
    document = {
        # The same through all updates: else CloudFormation would delete what it takes for the old resource.
        "PhysicalResourceId": event["LogicalResourceId"],
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        **answer,
    }
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's
        event["ResponseURL"], data=json.dumps(document).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT):  # noqa: S310
        pass
