# SPDX-License-Identifier: Apache-2.0
"""Ways to wait for what other processes send, and to send as jobs do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult


def eventually(read: Callable[[], Any], *, seconds: float = 20.0) -> Any:
    """Read until the result is true: what other processes send by UDP arrives when it arrives."""
    deadline = time.monotonic() + seconds
    while not (result := read()):
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.02)
    return result


def export(
    spans: Sequence[ReadableSpan], *, endpoint: str, timeout: float = 5, **options: Any
) -> SpanExportResult:
    """Send spans with the exporter that jobs use."""
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=timeout, **options)
    try:
        return exporter.export(spans)
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]
