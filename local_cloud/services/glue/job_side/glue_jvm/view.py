# SPDX-License-Identifier: Apache-2.0
"""Which Scala names are answered, and where."""

from __future__ import annotations

from typing import Any

from glue_jvm.frame import DynamicFrame
from glue_jvm.glue_context import GlueContext
from glue_jvm.job import Job
from glue_jvm.missing import Missing
from glue_jvm.values import (
    CallSite,
    GlueLogger,
    GluePythonUtils,
    JsonOptions,
    MappingSpec,
    RecordUtils,
    ResolveSpec,
    StreamingSource,
)

# Names that Spark's own JVM does not have, so that no code but awsglue's looks them up
_GLUE: dict[str, Any] = {
    "CallSite": CallSite,
    "DynamicFrame": DynamicFrame,
    "GlueContext": GlueContext,
    "GlueLogger": GlueLogger,
    "GluePythonUtils": GluePythonUtils,
    "Job": Job,
    "JsonOptions": JsonOptions,
    "MappingSpec": MappingSpec,
    "RecordUtils": RecordUtils,
    "ResolveSpec": ResolveSpec,
    "StreamingSource": StreamingSource,
    **{name: Missing(name) for name in ("AWSConnectionUtils", "EntityDetector", "EvaluateDataQuality")},
}


def install() -> None:
    """Answer Glue's names on every view of the JVM."""
    from py4j.java_gateway import JVMView

    for name, answer in _GLUE.items():
        setattr(JVMView, name, answer)


class GlueView:
    """The JVM as a GlueContext sees it: sequences and tuples stay Python's, the rest is the real one.

    Parameters
    ----------
    view
        PySpark's view of the JVM.
    """

    def __init__(self, view: Any) -> None:
        self._view = view

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    class PythonUtils:
        """Spark's conversions to Scala, of which no Scala is left."""

        @staticmethod
        def toSeq(values: list[Any]) -> list[Any]:
            """Return the list itself."""
            return values

    class scala:
        """Scala's tuples."""

        class Tuple2:
            """Of any length: AWS's code picks the class by the length."""

            @staticmethod
            def apply(*members: Any) -> tuple[Any, ...]:
                """Return the members."""
                return members

        Tuple3 = Tuple4 = Tuple2
