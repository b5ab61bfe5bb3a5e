# SPDX-License-Identifier: Apache-2.0
"""The differences that are kept on purpose. One that occurs no more is to be deleted: a test says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tests.integration.conformance.compare import Difference
from tests.integration.conformance.known_type import Applies, Known
from xray_helper.translate.names import clean_name


def _local_root(span: ReadableSpan, difference: Difference) -> bool:
    attributes: Any = span.attributes or {}
    return attributes.get("aws.span.kind") == "LOCAL_ROOT" and span.kind not in (
        SpanKind.SERVER,
        SpanKind.INTERNAL,
    )


def _illegal_name(span: ReadableSpan, difference: Difference) -> bool:
    """Tell whether the collector's name is one that X-Ray does not take, or ends with a letter cut in two."""
    name = str(difference.collector)
    return difference.path == "name" and difference.ours == clean_name(name.rstrip("\ufffd")) != name


def _language(span: ReadableSpan, *languages: str) -> bool:
    return span.resource.attributes.get("telemetry.sdk.language") in languages


def _stack_field(difference: Difference) -> bool:
    return difference.path.startswith("cause.exceptions")


def _stack_text(span: ReadableSpan) -> str:
    stacks: Iterable[Any] = (
        (event.attributes or {}).get("exception.stacktrace", "") for event in span.events
    )
    return "\n".join(str(stack) for stack in stacks)


def _python_stack(*signs: str) -> Applies:
    return lambda span, difference: (
        _stack_field(difference)
        and _language(span, "python")
        and any(sign in _stack_text(span) for sign in signs)
    )


KEPT = (
    Known(
        name="local root of a call",
        reason=(
            "The collector makes two documents, the first with a random id, of a client, producer or "
            "consumer span marked aws.span.kind=LOCAL_ROOT; ours stays one, so that sending twice changes "
            "nothing. Only Application Signals' agents set that mark."
        ),
        applies=_local_root,
    ),
    Known(
        name="illegal name",
        reason=(
            "The collector cleans and cuts a name only when it is the span's own: service names, "
            "peer.service and others go out as they are, and a cut can go through a letter. Ours cleans "
            "every name, at letters."
        ),
        applies=_illegal_name,
    ),
    Known(
        name="raise from",
        reason=(
            "The collector knows only 'During handling...', so that the frames of 'raise ... from' end up "
            "in one stack. Ours makes two exceptions."
        ),
        applies=_python_stack("direct cause of the following"),
    ),
    Known(
        name="marks below a line",
        reason=(
            "Since Python 3.11 a line of marks (~~^~~) follows a line of code; the collector takes it for "
            "the type of the exception before 'During handling...'. Ours reads the type."
        ),
        applies=_python_stack("~~^~~"),
    ),
    Known(
        name="exception without message in a chain",
        reason=(
            "'KeyboardInterrupt' alone, without a colon, ends the collector's reading of a chain. Ours "
            "reads on."
        ),
        applies=_python_stack("KeyboardInterrupt\n"),
    ),
    Known(
        name="frame without function, comma in a path, Windows line ends",
        reason=(
            "The collector leaves such a frame out (it splits at commas), or keeps the carriage return in "
            "the function's name. Ours reads them."
        ),
        applies=_python_stack('a.py", line 3\n', "/a,b/", "\r\n"),
    ),
    Known(
        name="stacks of other languages",
        reason=(
            "The collector also reads stacks of Java, JavaScript, .NET, PHP and Go. This library runs in "
            "Python; type and message are the same."
        ),
        applies=lambda span, difference: _stack_field(difference) and not _language(span, "python"),
    ),
    Known(
        name="numbers in metadata texts",
        reason=(
            "In aws.xray.metadata.* the collector reads every number as a double; ours keeps all digits."
        ),
        applies=lambda span, difference: (
            isinstance(difference.ours, int) and difference.path.endswith(".big")
        ),
    ),
    Known(
        name="tries of an SDK call",
        reason=(
            "The collector makes exceptions of the events 'HTTP request failure' on an SDK call. Only "
            "OpenTelemetry's Java agent writes them, when asked to."
        ),
        applies=lambda span, difference: (
            difference.path == "cause" and any(event.name == "HTTP request failure" for event in span.events)
        ),
    ),
)


def explain(span: ReadableSpan, difference: Difference) -> Known | None:
    """Find the kind of a difference."""
    return next((known for known in KEPT if known.applies(span, difference)), None)
