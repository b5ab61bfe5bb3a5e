# SPDX-License-Identifier: Apache-2.0
"""Streaming queries: what they run belongs to the step that starts them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from xray_helper.context.patches import Patches
from xray_helper.error_boundary import ErrorBoundary

if TYPE_CHECKING:
    from xray_helper.spark.session.step_tagger import StepTagger


class Streams:
    """Learns which step starts a stream, and lets the stream's own Python functions run inside that step."""

    def __init__(self, tagger: StepTagger, *, errors: ErrorBoundary) -> None:
        self._tagger, self._errors = tagger, errors
        self._patches = Patches()

    def start(self) -> None:
        """Begin to look; PySpark's modules for it are there with ``pyspark.sql``."""
        self._patches.begin()
        for module, owner, name, make in (
            ("pyspark.sql.streaming", "DataStreamWriter", "start", self._starting),
            ("pyspark.sql.streaming", "DataStreamWriter", "toTable", self._starting),
            ("pyspark.sql.utils", "ForeachBatchFunction", "call", self._calling),
        ):
            found = getattr(sys.modules.get(module), owner, None)
            if found is not None:
                self._patches.put(found, name, make)

    def stop(self) -> None:
        """Leave PySpark as it was."""
        self._patches.end()

    def _starting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def start(*args: Any, **named: Any) -> Any:
            query = original(*args, **named)
            with self._errors("following a stream"):
                self._tagger.add_stream(str(query.runId))
            return query

        return start

    def _calling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            inside = None
            with self._errors("following a stream"):
                inside = self._tagger.inside_stream()
            if inside is None:
                return original(*args, **named)
            with inside.applied():
                return original(*args, **named)

        return call
