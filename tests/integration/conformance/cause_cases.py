# SPDX-License-Identifier: Apache-2.0
"""Spans that failed: exceptions with stacks, in chains, in other languages, and events that are none."""

from __future__ import annotations

from collections.abc import Iterator
from traceback import TracebackException
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from tests.integration.conformance.building import JOB, STARTED, case, exception
from xray_helper.record.stacks import stack_text

_ERROR = Status(StatusCode.ERROR)
_DURING = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
_FROM = "\n\nThe above exception was the direct cause of the following exception:\n\n"


def _traceback(headline: str, *frames: str) -> str:
    lines = ["Traceback (most recent call last):"]
    for number, frame in enumerate(frames, 1):
        lines += [f'  File "/job/{frame}.py", line {number}, in {frame}', f"    {frame}()"]
    return "\n".join([*lines, headline])


_INNER = _traceback("KeyError: 'price'", "read", "parse")
_OUTER = _traceback("ValueError: bad value", "main", "clean")
_HEAD = "Traceback (most recent call last):\n"
_MARKED = (
    'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    x = 1 / 0\n        ~~^~~\n'
    "ZeroDivisionError: division by zero"
)
_JAVA = (
    "java.lang.IllegalStateException: bad\n\tat a.B.c(B.java:4)\n"
    "Caused by: java.io.IOException: disk\n\tat a.D.e(D.java:7)\n"
)


def _written(error: BaseException, java: str = "") -> str:
    """Write a stack as the library does."""
    return stack_text(TracebackException.from_exception(error), java=java)


def _raised_from(cause: Exception) -> Exception:
    try:
        raise ValueError("bad value") from cause
    except ValueError as error:
        return error


STACKS = {
    "ours, with causes in Java": _written(_raised_from(OSError("disk")), _JAVA),
    "ours, from one that was never raised": _written(_raised_from(KeyError("price"))),
    "one": _OUTER + "\n",
    "one, no line end": _OUTER,
    "marks below the line": _MARKED + "\n",
    "comma in the path": _HEAD + '  File "/a,b/c.py", line 3, in f\n    g()\nE: m\n',
    "module level": 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    g()\nE: m\n',
    "no function": 'Traceback (most recent call last):\n  File "a.py", line 3\n    g(\nSyntaxError: bad\n',
    "repeated frames": 'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    f()\n'
    "  [Previous line repeated 996 more times]\nRecursionError: too deep\n",
    "during": _INNER + _DURING + _OUTER + "\n",
    "during, twice": _traceback("OSError: disk", "low") + _DURING + _INNER + _DURING + _OUTER + "\n",
    "during, message of many lines": _traceback("KeyError: a\nb\nc", "low") + _DURING + _OUTER + "\n",
    "during, no message": _traceback("KeyboardInterrupt", "low") + _DURING + _OUTER + "\n",
    "during, with marks": _MARKED + _DURING + _OUTER + "\n",
    "from": _INNER + _FROM + _OUTER + "\n",
    "from, then during": _traceback("OSError: disk", "low") + _FROM + _INNER + _DURING + _OUTER + "\n",
    "message of many lines": _traceback("ValueError: first\nsecond\nthird", "main") + "\n",
    "no frames": "ValueError: bad value\n",
    "not a traceback": "something else",
    "windows lines": _OUTER.replace("\n", "\r\n"),
    "exception group": "  + Exception Group Traceback (most recent call last):\n"
    '  |   File "a.py", line 1, in f\n  |     g()\n  | ExceptionGroup: two (2 sub-exceptions)\n'
    "  +-+---------------- 1 ----------------\n    | ValueError: one\n    +-----------------\n",
    "Py4J": _traceback(
        "py4j.protocol.Py4JJavaError: An error occurred while calling o1.collect.", "get_return_value"
    )
    + "\n: org.apache.spark.SparkException: Job aborted.\n\tat org.apache.spark.A.b(A.scala:1)\n",
}


def cause_cases() -> Iterator[tuple[str, ReadableSpan]]:
    """Give the cases about failures."""
    for name, stack in STACKS.items():
        full = f"stack {name}"
        yield full, case(full, events=[exception(stack=stack)], status=_ERROR)
    for kind in SpanKind:
        full = f"exception {kind.name}"
        yield full, case(full, events=[exception(stack=_OUTER)], status=_ERROR, kind=kind)
    for language in ("java", "javascript", "go", "dotnet", "php", "rust", None):
        resource = {**JOB, "telemetry.sdk.language": language} if language else {"service.name": "x"}
        full = f"exception in {language}"
        yield full, case(full, events=[exception(stack=_JAVA)], status=_ERROR, resource=resource)
    parts = {"type": (None, "m"), "message": ("T", None), "type and message": (None, None), "text": ("", "")}
    for name, (kind_, message) in parts.items():
        full = f"exception without {name}"
        yield full, case(full, events=[exception(kind_, message)], status=_ERROR)
    yield "exception, status unset", case("exception, status unset", events=[exception(stack=_OUTER)])
    yield (
        "exception, status OK",
        case("exception, status OK", events=[exception()], status=Status(StatusCode.OK)),
    )
    many = [exception("A", "first"), Event("retry", {"n": 1}, STARTED + 2), exception("B", "second", _OUTER)]
    yield "many exceptions", case("many exceptions", events=many, status=_ERROR)
    other = [Event("progress", {"rows": 5}, STARTED + 1), Event("done", None, STARTED + 2)]
    yield "other events", case("other events", events=other)
    yield (
        "other events, failed",
        case("other events, failed", events=other, status=Status(StatusCode.ERROR, "why")),
    )
    told: dict[str, Any] = {"http.response.status_code": 503, "aws.http.error_message": "slow down"}
    failure = [Event("HTTP request failure", told, STARTED + 1_000)]
    for system in ("aws-api", "grpc"):
        full = f"http failure event {system}"
        yield full, case(full, {"rpc.system": system}, events=failure, status=_ERROR, kind=SpanKind.CLIENT)
    numeric = [Event("exception", {"exception.type": 5, "exception.message": True}, STARTED + 1)]
    yield "exception with numbers", case("exception with numbers", events=numeric, status=_ERROR)
