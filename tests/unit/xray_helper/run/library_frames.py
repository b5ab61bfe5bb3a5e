# SPDX-License-Identifier: Apache-2.0
"""A frame whose methods are watched as those of PySpark are, in a module that passes for a part of it."""

from __future__ import annotations

import weakref

from xray_helper.context.planning import LINE
from xray_helper.run.line_steps import LineSteps

__name__ = "pyspark.library_frames"  # what tells a library's lines from the user's


class Frame:
    def __init__(self, lines: LineSteps) -> None:
        self._lines = lines
        if (frames := LINE.get()) is not None:
            frames.append(weakref.ref(self))

    def _plan(self, method: str) -> Frame:
        with self._lines.planning(method) as planning:
            made = Frame(self._lines)
            planning.returned(made)
            return made

    def where(self) -> Frame:
        return self._plan("where")

    def select(self) -> Frame:
        return self._plan("select")

    def drop(self) -> Frame:
        return self._plan("drop")

    def sort(self) -> Frame:
        return self._plan("sort")

    def cache(self) -> Frame:
        with self._lines.planning("cache") as planning:
            planning.returned(self)
            return self

    def count(self) -> int:
        with self._lines.around("count"):
            return 1
