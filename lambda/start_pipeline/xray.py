# SPDX-License-Identifier: Apache-2.0
"""Send segment documents to X-Ray: through Lambda's X-Ray daemon, or without it.

AWS promises the daemon to invocations that Lambda samples (AWS X-Ray developer guide, "AWS X-Ray daemon"). In
others there may be none, and a datagram that nobody reads is lost in silence: then the documents go to
PutTraceSegments, which answers.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from xray_common.put_segments import batches, put_segments

PROTOCOL = b'{"format":"json","version":1}\n'  # the daemon wants this line before each document
DEFAULT_DAEMON = "127.0.0.1:2000"
# Numbers only (and localhost): a name would have to be looked up, and a look-up can hang for many seconds.
DAEMON_ADDRESS = re.compile(r"(?:.*\budp:|)(localhost|[0-9]+(?:\.[0-9]+){3}):([0-9]{1,5})(?: tcp:.*|)")
CONNECT_TIMEOUT = 1  # seconds
READ_TIMEOUT = 2  # seconds
ATTEMPTS = 2


def send(documents: Sequence[str], *, daemon_runs: bool) -> tuple[int, set[str]]:
    """Send documents; return how many were lost for sure, and what went wrong.

    What PutTraceSegments cannot take because it cannot be reached is handed to the daemon all the same.

    Raises
    ------
    ValueError, OSError
        When the daemon's address is not one, or there are no sockets.
    """
    lost, reasons = 0, set[str]()
    for batch in batches(documents):
        if not daemon_runs and not reasons:  # X-Ray that failed once is not waited for again
            try:
                refusals = put_segments(_client(), batch)
            except Exception as error:  # every kind of network and AWS error: the daemon is the other way
                reasons.add(f"PutTraceSegments: {error!r}")
            else:
                lost += len(refusals)
                reasons.update(
                    f"PutTraceSegments refused {refused.segment_id}: {refused.code}: {refused.message}"
                    for refused in refusals
                )
                continue
        _send_to_daemon(batch)
    return lost, reasons


def _send_to_daemon(documents: Sequence[str]) -> None:
    address = daemon_address(os.environ.get("AWS_XRAY_DAEMON_ADDRESS", DEFAULT_DAEMON))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.setblocking(False)
        for document in documents:
            connection.sendto(PROTOCOL + document.encode(), address)


def daemon_address(text: str) -> tuple[str, int]:
    """Read ``127.0.0.1:2000`` or ``tcp:127.0.0.1:2000 udp:127.0.0.2:2001``, in either order.

    Raises
    ------
    ValueError
        When it is neither.
    """
    found = DAEMON_ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > 65535:
        raise ValueError(
            f"AWS_XRAY_DAEMON_ADDRESS is {text!r}; it should be a number and a port, as 127.0.0.1:2000."
        )
    return "127.0.0.1" if found[1] == "localhost" else found[1], int(found[2])


@cache
def _client() -> Any:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    return botocore.session.get_session().create_client("xray", config=config)
