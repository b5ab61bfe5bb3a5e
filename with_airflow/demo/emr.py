# SPDX-License-Identifier: Apache-2.0
"""EMR Serverless stops an application a minute after its last job; CloudFormation deletes no started one.

The refusal: "Application ... must be in one of the following statuses [CREATED, STOPPED]"
(https://github.com/gchq/sleeper/issues/2909).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from demo.errors import DemoError

STOP_TIMEOUT_S = 120
POLL_S = 0.5
DELETABLE = ("CREATED", "STOPPED")


def stop_applications(client: Any, identifiers: Iterable[str]) -> None:
    """Stop applications, as everyone must who destroys the stack right after a run.

    Raises
    ------
    DemoError
        One does not stop within ``STOP_TIMEOUT_S``.
    """
    for identifier in identifiers:
        if _state(client, identifier) in DELETABLE:
            continue
        client.stop_application(applicationId=identifier)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while _state(client, identifier) not in DELETABLE:
            if time.monotonic() > deadline:
                raise DemoError(f"The EMR application {identifier} does not stop: see its job runs.")
            time.sleep(POLL_S)


def _state(client: Any, identifier: str) -> str:
    return str(client.get_application(applicationId=identifier)["application"]["state"])
