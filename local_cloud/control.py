# SPDX-License-Identifier: Apache-2.0
"""Ask a cloud at a path of its own, which no AWS API has: faults, the clock, permissions, X-Ray's state.

In a shell: ``curl -H "X-Amz-Security-Token: $AWS_SESSION_TOKEN" $AWS_ENDPOINT_URL/_local_cloud/faults``.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

_TIMEOUT = 10.0  # seconds


def ask(
    path: str, content: Any = None, *, method: str | None = None, client: Mapping[str, str] = os.environ
) -> Any:
    """Make one request; return the JSON of the answer.

    Parameters
    ----------
    path
        For example ``/_local_cloud/clock``.
    content
        What is sent as JSON, if anything.
    method
        Default: POST with content, GET without.
    client
        The variables of a cloud: ``LocalCloud.environment``, or those in which its command runs.

    Raises
    ------
    urllib.error.HTTPError
        The cloud refused it.
    """
    request = urllib.request.Request(  # noqa: S310 - the address of a local cloud
        client["AWS_ENDPOINT_URL"] + path,
        data=None if content is None else json.dumps(content).encode(),
        headers={"X-Amz-Security-Token": client["AWS_SESSION_TOKEN"]},
        method=method,
    )
    # No proxy: what an environment names for the world outside must not see the token
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_TIMEOUT) as answer:
        return json.load(answer)
