# SPDX-License-Identifier: Apache-2.0
"""The steps around the code that runs, innermost first.

They are kept in a context variable, as OpenTelemetry keeps its current span: tasks of asyncio inherit it by
themselves, threads by ``xray_helper.context.threads``.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xray_helper.context.frames import entering_generator, is_running
from xray_helper.context.uncollected import uncollected
from xray_helper.observers import StepHandle

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext


@dataclass(eq=False)
class Place:
    """The inside of a step's block.

    Attributes
    ----------
    owner
        What the step belongs to.
    outer
        The place in which the block was entered.
    span_context
        OpenTelemetry's context there; None when the step has no span.
    generator
        The frame of the generator that entered it, which may be suspended; see ``frames``.
    is_left
        Whether the block was left somewhere else: another thread, or while a later one was open.
    """

    owner: object
    step: StepHandle
    outer: Place | None
    span_context: Any = None
    generator: int | None = None
    is_left: bool = False

    @property
    def is_around(self) -> bool:
        """Whether the code that runs is inside."""
        return not self.is_left and (self.generator is None or is_running(self.generator))


CURRENT: Final[contextvars.ContextVar[Place | None]] = contextvars.ContextVar(
    "xray_helper_step", default=None
)


def enter(owner: object, step: StepHandle, *, is_traced: bool) -> Place:
    """Make a step the parent of what starts here until ``leave``."""
    heal()
    place = Place(owner, step, CURRENT.get(), generator=entering_generator())
    with uncollected():
        if is_traced:
            from opentelemetry import context, trace

            place.span_context = context.get_current()
            context.attach(trace.set_span_in_context(step.span))
        CURRENT.set(place)
    return place


def leave_step(step: StepHandle) -> None:
    """Go back to the step around one that could not be entered to the end."""
    place = CURRENT.get()
    if place is not None and place.step is step:
        leave(place)


def leave(place: Place) -> None:
    """Go back to the step around; in any thread, and in any order."""
    try:
        _leave(place)
    except BaseException:  # of a signal handler
        _leave(place)
        raise


def _leave(place: Place) -> None:
    is_here = CURRENT.get() is place
    # A generator's block is around its own code alone. Other contexts may still have its place, and another
    # frame the id of its own, which is gone now.
    place.is_left = not is_here or place.generator is not None
    if is_here:
        _return_from(place)


def heal() -> None:
    """Go back to the step around those whose blocks were left in another thread."""
    place = CURRENT.get()
    if place is not None and place.is_left:
        _return_from(place)


def around() -> Iterator[Place]:
    """Walk through the places around this code."""
    return _around(CURRENT.get())


def innermost() -> Place | None:
    """Return the innermost place around this code."""
    return next(around(), None)


def fixed(place: Place | None) -> Place | None:
    """Return a place for work that is given away: it stays around that work, whatever becomes of the step."""
    here: Place | None = None
    for one in reversed(tuple(_around(place))):
        here = Place(one.owner, one.step, here)
    return here


def current_step() -> StepHandle | None:
    """Return the innermost step around this code."""
    place = innermost()
    return place.step if place else None


def parent_of(parent: SpanContext | None) -> SpanContext | None:
    """Return the parent of a span that was started here below ``parent``, OpenTelemetry's current span.

    The same, unless that is the step of a generator that is suspended, or one that was left elsewhere.
    """
    last, place = CURRENT.get(), innermost()
    if last is place or last is None:
        return parent
    if parent is not None and parent.span_id != last.step.span.get_span_context().span_id:
        return parent  # a span of the user's own
    return place.step.span.get_span_context() if place else None


def _around(place: Place | None) -> Iterator[Place]:
    while place is not None:
        if place.is_around:
            yield place
        place = place.outer


def _return_from(place: Place) -> None:
    outer, before = place.outer, place.span_context
    while outer is not None and outer.is_left:
        before = before if outer.span_context is None else outer.span_context
        outer = outer.outer
    with uncollected():
        if before is not None:
            from opentelemetry import context

            context.attach(before)
        CURRENT.set(outer)
