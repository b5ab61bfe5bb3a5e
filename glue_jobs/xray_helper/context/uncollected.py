# SPDX-License-Identifier: Apache-2.0
"""Context variables are set without the garbage collector in between.

Before Python 3.12 it may run inside of ``ContextVar.set``. A finalizer that sets one there, as a step and an
instrumented call of AWS do, frees the variables that are being read, and the process crashes.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from typing import Final

_COLLECTS_ANYWHERE: Final = sys.version_info < (3, 12)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Hold the collector back during a block; it stays off where somebody has turned it off."""
    if not _COLLECTS_ANYWHERE or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
