# SPDX-License-Identifier: Apache-2.0
"""Learns of each DataFrame that Python makes, whatever method or library makes it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, Final

from xray_helper.context.patches import Patches

# From Spark 4.0 on the class behind the interface, which inherits nothing of it that is replaced here.
_MODULES: Final = ("pyspark.sql.classic.dataframe", "pyspark.sql.dataframe")


class FrameWatch:
    """Calls ``made`` with each new DataFrame of this process, after it was made; costs no call to the JVM."""

    def __init__(self, made: Callable[[Any], None]) -> None:
        self._made = made
        self._patches = Patches()
        self._patches.begin()

    def look(self) -> None:
        """Watch the class as soon as the user's code has imported it."""
        for module in _MODULES:
            cls = getattr(sys.modules.get(module), "DataFrame", None)
            if cls is not None and "__init__" in vars(cls):
                self._patches.put(cls, "__init__", self._watched)
                return

    def stop(self) -> None:
        """Leave the class as it was."""
        self._patches.end()

    def _watched(self, original: Callable[..., None]) -> Callable[..., None]:
        made = self._made

        @functools.wraps(original)
        def __init__(self: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807
            original(self, *arguments, **named)
            made(self)

        return __init__
