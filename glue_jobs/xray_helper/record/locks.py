# SPDX-License-Identifier: Apache-2.0
"""Locks of spans that a signal handler, a finalizer and a forked child get past.

OpenTelemetry's own (``sdk/trace/__init__.py``, ``attributes/__init__.py``) let a thread in once. A handler or
a finalizer runs on top of its thread, and would wait for what that thread holds; in a child, the lock of a
thread that was not forked stays taken.
"""

from __future__ import annotations

import threading
from typing import Any, Final

_LOCKED_PARTS: Final = ("_attributes", "_events", "_links")


def renew_locks(span: Any) -> None:
    """Replace a span's locks by ones that nobody holds, and that one thread may take again."""
    for part in (span, *(getattr(span, name, None) for name in _LOCKED_PARTS)):
        if hasattr(part, "_lock"):
            part._lock = threading.RLock()
