# SPDX-License-Identifier: Apache-2.0
"""Spans that the exporter panics over.

Behind a batch or a queue a panic ends the process, with all that it holds for every job. In the pipeline of
this project the exporter runs in the goroutine of the HTTP request, where Go's server catches the panic: only
this request gets no answer. Sending it again is in vain. (gRPC was not tried.)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tests.integration.conformance.building import case, exception
from tests.integration.conformance.real_collector import CollectorError
from tests.integration.conformance.run import through_collector

_DURING = "During handling of the above exception, another exception occurred:"


def crash_cases() -> Iterator[tuple[str, str, ReadableSpan]]:
    """Give name, reason (read in the exporter's source, 0.156.0) and span of each."""
    root = {"aws.span.kind": "LOCAL_ROOT"}
    yield (
        "local root of a call, in another cloud",
        "MakeServiceSegmentForLocalRootDependencySpan empties fields of the aws block, and there is none "
        "where cloud.provider is not aws",
        case("crash 1", root, kind=SpanKind.CLIENT, resource={"cloud.provider": "gcp"}),
    )
    yield (
        "an exception with the note 'rows:' and no text, before 'During handling...'",
        "fillPythonStacktrace cuts the message two characters behind the first colon; there is one at most",
        case("crash 2", events=[exception(stack=_chain("ValueError\nrows:"))]),
    )
    yield (
        "no line of code between 'File' and 'During handling...'",
        "fillPythonStacktrace expects two lines there",
        case("crash 3", events=[exception(stack=f'  File "a.py", line 1, in f\n{_DURING}\nx\nE: m\n')]),
    )


def _chain(headline: str) -> str:
    first = f'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\n{headline}'
    second = 'Traceback (most recent call last):\n  File "b.py", line 1, in h\n    i()\nE: m\n'
    return f"{first}\n\n{_DURING}\n\n{second}"


def crashes(collector: Path) -> list[dict[str, Any]]:
    """Try each, with a collector of its own."""
    return [
        {"span": name, "reason": reason, "outcome": outcome(collector, span)}
        for name, reason, span in crash_cases()
    ]


def outcome(collector: Path, span: ReadableSpan) -> Literal["taken", "connection cut", "process ended"]:
    """Send a span over HTTP and tell what became of the collector."""
    try:
        through_collector([span], collector)
    except CollectorError as error:
        if "panic" not in str(error):
            raise
        return "process ended" if str(error).startswith("The collector ended") else "connection cut"
    return "taken"
