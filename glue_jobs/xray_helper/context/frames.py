# SPDX-License-Identifier: Apache-2.0
"""Generators among the frames of the stack.

A generator runs in the context of whoever asks it for the next value, so what it sets there stays when it
yields. Only the stack says whether its code runs at that moment.
"""

from __future__ import annotations

import inspect
import sys
from types import FrameType
from typing import Final

_GENERATOR: Final = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_PASSED_OVER: Final = ("contextlib", __name__.partition(".")[0])


def entering_generator() -> int | None:
    """Return the id of the generator's frame in which a ``with`` block is entered; None: in no generator.

    The generator of a ``@contextmanager`` is none in this sense: it is there to stay open around the block of
    its caller.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        caller = frame.f_back
        if frame.f_code.co_flags & _GENERATOR and not _is_passed_over(frame):
            if caller is None or _module(caller) != "contextlib":
                return id(frame)
        elif not _is_passed_over(frame):
            return None
        frame = caller
    return None


def is_running(frame_id: int) -> bool:
    """Return whether a frame is in the stack of this thread."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if id(frame) == frame_id:
            return True
        frame = frame.f_back
    return False


def _is_passed_over(frame: FrameType) -> bool:
    return _module(frame).partition(".")[0] in _PASSED_OVER


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
