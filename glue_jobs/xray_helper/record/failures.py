# SPDX-License-Identifier: Apache-2.0
"""How an exception is written on a span."""

from __future__ import annotations

from traceback import TracebackException
from typing import TYPE_CHECKING, Final

from xray_helper.record.stacks import stack_text

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_BUILTINS: Final = "builtins"


def is_failure(error: BaseException | None) -> bool:
    """Return whether an exception is a failure; ``sys.exit()`` and ``sys.exit(0)`` end a job well."""
    if isinstance(error, SystemExit):
        return error.code not in (None, 0)
    return error is not None


def record_failure(span: Span, error: BaseException, *, timestamp_ns: int, with_stack: bool = True) -> None:
    """Set status ERROR and add the exception event; the stack is written once, on the innermost span."""
    from opentelemetry.semconv.attributes import exception_attributes as exception
    from opentelemetry.trace import Status, StatusCode

    told = TracebackException.from_exception(error, lookup_lines=False)
    message = str(told)
    module, name = type(error).__module__, type(error).__qualname__
    attributes = {
        exception.EXCEPTION_TYPE: name if module == _BUILTINS else f"{module}.{name}",
        exception.EXCEPTION_MESSAGE: message,
    }
    if with_stack:
        attributes[exception.EXCEPTION_STACKTRACE] = stack_text(told)
    span.add_event("exception", attributes, timestamp=timestamp_ns)
    span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {message}"))
