# SPDX-License-Identifier: Apache-2.0
"""How an exception is written on a span."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from traceback import TracebackException
from typing import TYPE_CHECKING, Final

from xray_helper.record.messages import comes_from_jvm, java_stack, message_of
from xray_helper.record.stacks import stack_text

if TYPE_CHECKING:
    from opentelemetry.trace import Span

# Of a span: an exception, and the first members if it is a group. A loop may record thousands.
MAX_EVENTS: Final = 8
_BUILTINS: Final = "builtins"
_MOST_FRAMES: Final = 32  # of one exception, the innermost
_MEMBER_FRAMES: Final = 8


def is_failure(error: BaseException | None) -> bool:
    """Return whether an exception is a failure.

    ``sys.exit()`` and ``sys.exit(0)`` end a job well, and a generator that is closed early its steps.
    """
    if isinstance(error, SystemExit):
        return error.code not in (None, 0)
    return not (error is None or isinstance(error, GeneratorExit))


def record_failure(span: Span, error: BaseException, *, timestamp_ns: int, with_stack: bool = True) -> None:
    """Set status ERROR and add the exception event; the stack is written once, on the innermost span.

    The members of an exception group, and those of groups in it, are events of their own behind the group's.
    """
    from opentelemetry.semconv.attributes.exception_attributes import EXCEPTION_MESSAGE
    from opentelemetry.trace import Status, StatusCode

    described = _attributes(error, _MOST_FRAMES, with_stack)
    span.add_event("exception", described, timestamp=timestamp_ns)
    span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {described[EXCEPTION_MESSAGE]}"))
    for member in islice(_members(error), MAX_EVENTS - 1):
        span.add_event("exception", _attributes(member, _MEMBER_FRAMES, with_stack), timestamp=timestamp_ns)


def _attributes(error: BaseException, most_frames: int, with_stack: bool) -> dict[str, str]:
    from opentelemetry.semconv.attributes import exception_attributes as exception

    module, name = type(error).__module__, type(error).__qualname__
    attributes = {
        exception.EXCEPTION_TYPE: name if module == _BUILTINS else f"{module}.{name}",
        exception.EXCEPTION_MESSAGE: message_of(error),
    }
    if with_stack:
        told = TracebackException.from_exception(error, lookup_lines=False)
        java = java_stack(error) if comes_from_jvm(type(error)) else ""
        attributes[exception.EXCEPTION_STACKTRACE] = stack_text(told, most_frames=most_frames, java=java)
    return attributes


def _members(error: BaseException) -> Iterator[BaseException]:
    """Yield what is in a group, level by level; whatever has ``exceptions`` is one, older packages' too."""
    waiting, seen = deque([error]), {id(error)}
    while waiting:
        members = getattr(waiting.popleft(), "exceptions", ())
        for member in members if isinstance(members, (tuple, list)) else ():
            if isinstance(member, BaseException) and id(member) not in seen:
                seen.add(id(member))
                waiting.append(member)
                yield member
