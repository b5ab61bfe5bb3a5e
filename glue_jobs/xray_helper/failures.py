# SPDX-License-Identifier: Apache-2.0
"""How an exception is written on a span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.semconv.attributes.exception_attributes import EXCEPTION_MESSAGE, EXCEPTION_TYPE
from opentelemetry.trace import Status, StatusCode

if TYPE_CHECKING:
    from opentelemetry.trace import Span


def is_failure(error: BaseException | None) -> bool:
    """Tell a failure from ``sys.exit()`` and ``sys.exit(0)``, which end a job well."""
    if isinstance(error, SystemExit):
        return error.code not in (None, 0)
    return error is not None


def record_failure(span: Span, error: BaseException, *, timestamp_ns: int, with_stack: bool = True) -> None:
    """Set status ERROR and add the exception event; the stack is written once, on the innermost span."""
    if with_stack:
        span.record_exception(error, timestamp=timestamp_ns)
    else:
        attributes = {EXCEPTION_TYPE: type(error).__qualname__, EXCEPTION_MESSAGE: str(error)}
        span.add_event("exception", attributes, timestamp=timestamp_ns)
    span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
