# SPDX-License-Identifier: Apache-2.0
"""Whether a line of the user's script plans at this moment, so that what is made meanwhile is that line's."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Final

from xray_helper.observers import Frames

# Takes the frames that are made in this context; None: no line plans here.
LINE: Final[contextvars.ContextVar[Frames | None]] = contextvars.ContextVar(
    "xray_helper_planning", default=None
)


@contextlib.contextmanager
def ignored() -> Iterator[None]:
    """Make frames that are nobody's: the tracer's own."""
    token = LINE.set([])
    try:
        yield
    finally:
        LINE.reset(token)
