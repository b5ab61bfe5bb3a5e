# SPDX-License-Identifier: Apache-2.0
"""Fault, error, throttle and the exceptions of a segment (the exporter's translator/cause.go)."""

from __future__ import annotations

import hashlib
import re
from itertools import dropwhile
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.semconv._incubating.attributes.http_attributes import HTTP_STATUS_CODE
from opentelemetry.semconv.attributes.exception_attributes import (
    EXCEPTION_MESSAGE,
    EXCEPTION_STACKTRACE,
    EXCEPTION_TYPE,
)
from opentelemetry.semconv.attributes.http_attributes import HTTP_RESPONSE_STATUS_CODE
from opentelemetry.semconv.attributes.telemetry_attributes import TELEMETRY_SDK_LANGUAGE
from opentelemetry.trace import SpanKind, StatusCode

from xray_helper.record.spark_errors import TRACEBACK
from xray_helper.record.stacks import DURING_HANDLING
from xray_helper.translate.values import Attributes, text, whole, without_empty

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Event, ReadableSpan

EXCEPTION_EVENT: Final = "exception"
HTTP_STATUS_TEXT: Final = "http.status_text"
_TOO_MANY_REQUESTS: Final = 429
_FRAME: Final = re.compile(r'  File "(?P<path>[^"]*)", line (?P<line>\d+)(?:, in (?P<label>.*))?')
_DIRECT_CAUSE: Final = "The above exception was the direct cause of the following exception:"


def flags(span: ReadableSpan) -> dict[str, bool]:
    """Fault, error and throttle: by the HTTP status where there is one, else by the span's status."""
    attributes = span.attributes or {}
    code = whole(attributes.get(HTTP_STATUS_CODE, attributes.get(HTTP_RESPONSE_STATUS_CODE)))
    is_error = 400 <= code <= 499
    is_fault = 500 <= code <= 599 or (not is_error and span.status.status_code is StatusCode.ERROR)
    return {"fault": is_fault, "error": is_error, "throttle": code == _TOO_MANY_REQUESTS}


def cause(span: ReadableSpan) -> dict[str, Any] | None:
    """Build the ``cause`` of a segment from exception events, else from the status message."""
    events = [event for event in span.events if event.name == EXCEPTION_EVENT]
    if events:
        found = [item for index, event in enumerate(events) for item in _exceptions(span, event, index)]
        return {"exceptions": found}
    if span.status.status_code is not StatusCode.ERROR:
        return None
    message = span.status.description or text((span.attributes or {}).get(HTTP_STATUS_TEXT))
    return {"exceptions": [{"id": exception_id(span, 0, 0), "message": message}]} if message else None


def without_status_text(span: ReadableSpan, attributes: Attributes) -> dict[str, Any]:
    """Take out the attribute that ``cause`` used up."""
    has_exception = any(event.name == EXCEPTION_EVENT for event in span.events)
    if has_exception or span.status.status_code is not StatusCode.ERROR:
        return dict(attributes)
    return {key: value for key, value in attributes.items() if key != HTTP_STATUS_TEXT}


def exception_id(span: ReadableSpan, event: int, link: int) -> str:
    """Make the 16-digit id of an exception; the same span gives the same ids, so a resend changes nothing."""
    context = span.get_span_context()
    seed = f"{context.trace_id if context else 0}-{context.span_id if context else 0}-{event}-{link}"
    return hashlib.blake2b(seed.encode(), digest_size=8).hexdigest()


def _exceptions(span: ReadableSpan, event: Event, index: int) -> list[dict[str, Any]]:
    attributes = event.attributes or {}
    is_remote = span.kind in (SpanKind.CLIENT, SpanKind.PRODUCER)
    top: dict[str, Any] = {
        "id": exception_id(span, index, 0),
        "type": text(attributes.get(EXCEPTION_TYPE)),
        "remote": is_remote,
        "message": text(attributes.get(EXCEPTION_MESSAGE)),
    }
    trace = text(attributes.get(EXCEPTION_STACKTRACE))
    if span.resource.attributes.get(TELEMETRY_SDK_LANGUAGE) != "python" or not trace:
        return [without_empty(top)]
    chain = [top]
    for link, (lines, headline) in enumerate(_python_chain(trace)):
        if link:
            kind, _, message = headline.partition(":")
            chain[-1]["cause"] = exception_id(span, index, link)
            chain.append(
                {"id": chain[-1]["cause"], "type": kind, "remote": is_remote, "message": message.strip()}
            )
        chain[-1]["stack"] = _frames(lines)
    return [without_empty(item) for item in chain]


def _python_chain(trace: str) -> list[tuple[list[str], str]]:
    """Split a traceback into (lines, headline) per exception, the one that was raised last first."""
    parts: list[list[str]] = [[]]
    for line in trace.splitlines():
        if line in (DURING_HANDLING, _DIRECT_CAUSE):
            parts.append([])
        else:
            parts[-1].append(line)
    return [(part, _headline(part)) for part in reversed(parts)]


def _headline(lines: list[str]) -> str:
    """Read ``Type: message`` off one exception's lines: what follows its frames and their code."""
    last_frame = max((index for index, line in enumerate(lines) if _FRAME.match(line)), default=-1)
    behind = dropwhile(lambda line: line.startswith(("  ", TRACEBACK)) or not line, lines[last_frame + 1 :])
    return "\n".join(behind).strip()


def _frames(lines: list[str]) -> list[dict[str, Any]]:
    """Read the stack, innermost frame first, as X-Ray orders it."""
    matches = [match for line in lines if (match := _FRAME.match(line))]
    return [
        without_empty({"path": match["path"], "line": int(match["line"]), "label": match["label"]})
        for match in reversed(matches)
    ]
