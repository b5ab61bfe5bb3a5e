# SPDX-License-Identifier: Apache-2.0
"""The SparkContext of this process, or why there is none to read."""

from __future__ import annotations

import os
from typing import Any, Final

# PySpark 3.4 and newer set it with the first session of Spark Connect, also of the local kind.
_CONNECT: Final = "SPARK_CONNECT_MODE_ENABLED"

CONNECT: Final = "Spark Connect: its server runs the actions, and they carry no mark of a step"
NONE: Final = "No SparkContext in this process: never started, or stopped before a step ended"
NO_TAGS: Final = (
    "No job tags before Spark 3.5: what sets group and description itself counts as outside of steps"
)


def is_connect() -> bool:
    """Return whether this process speaks to Spark through Spark Connect."""
    return _CONNECT in os.environ


def active_context() -> Any:
    """Return the SparkContext whose actions this process runs; None with Spark Connect, before, and after it.

    Spark Connect's local mode has a context in this process, too; but its actions run in threads of the
    server, and local properties of this thread do not reach them.
    """
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    is_there = context is not None and context._jsc is not None
    return context if is_there and not is_connect() else None


def has_tags(context: Any) -> bool:
    """Return whether jobs can be tagged beside the group and the description, which the user may set, too."""
    return hasattr(context, "addJobTag")


def why_no_context() -> str:
    """Return why ``active_context`` finds none."""
    return CONNECT if is_connect() else NONE
