# SPDX-License-Identifier: Apache-2.0
"""Which line of the user's own code is calling."""

from __future__ import annotations

import functools
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_LIBRARIES: Final = frozenset({"awsglue", "py4j", "pyspark", "xray_helper"})  # in a zip, or beside the script
_INSTALLED: Final = ("site-packages", "dist-packages")
_STANDARD_LIBRARY: Final = sysconfig.get_path("stdlib")


@dataclass(frozen=True)
class CallSite:
    """A line of code.

    Attributes
    ----------
    file
        The whole path.
    instruction
        Which call of the line it is: these go up within one pass.
    """

    file: str
    line: int
    function: str
    instruction: int = field(default=0, compare=False)

    def __str__(self) -> str:
        """Write it as a person looks for it.

        Examples
        --------
        >>> str(CallSite("/tmp/orders.py", 42, "main"))
        'orders.py:42'
        """
        return f"{PurePath(self.file).name}:{self.line}"


def call_site() -> CallSite:
    """Return the innermost line around the caller that is no library's; without one, the outermost."""
    frame: FrameType = sys._getframe(1)
    while frame.f_back is not None and not _is_own(frame.f_code.co_filename, _module_of(frame)):
        frame = frame.f_back
    return CallSite(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, frame.f_lasti)


def _module_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


@functools.cache
def _is_own(file: str, module: str) -> bool:
    if module.partition(".")[0] in _LIBRARIES or not set(_INSTALLED).isdisjoint(PurePath(file).parts):
        return False
    return not file.startswith((_STANDARD_LIBRARY, "<frozen "))
