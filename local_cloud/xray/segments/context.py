# SPDX-License-Identifier: Apache-2.0
"""The trace header of the call that is being answered.

ministack's services call each other in one process, and copy context variables into the threads that they
start; so one variable does what the ``X-Amzn-Trace-Id`` header does between AWS services.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from xray_common.trace_header import TraceHeader, parse_trace_header

_calling: ContextVar[TraceHeader | None] = ContextVar("local_cloud_xray_calling", default=None)


def incoming() -> TraceHeader | None:
    """Return the header that came with the call that is being answered."""
    return _calling.get()


@contextmanager
def calling_with(header: TraceHeader | None) -> Iterator[None]:
    """Let every call made inside carry this header."""
    token = _calling.set(header)
    try:
        yield
    finally:
        _calling.reset(token)


def with_http_header(handler: Any) -> Any:
    """Wrap a service's handler so that the HTTP header, where there is one, becomes the incoming header."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        header = parse_trace_header(headers.get("x-amzn-trace-id"))
        with calling_with(header or incoming()):
            return await handler(method, path, headers, body, query)

    return handle
