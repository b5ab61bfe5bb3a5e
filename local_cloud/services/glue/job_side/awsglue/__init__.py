# SPDX-License-Identifier: Apache-2.0
"""AWS's own ``awsglue``, as it is, with a stand-in for the JVM side that AWS does not give away.

Only a job of the local Glue finds this package; in AWS, Glue brings its own. The modules are those of the
distribution AWSGlueDataplanePython, but for ``context``, which puts ``glue_jvm`` beneath them.
"""

from __future__ import annotations

import pkgutil
from typing import Any

__path__ = pkgutil.extend_path(__path__, __name__)
if len(__path__) < 2:
    raise ImportError(
        "awsglue: AWS's own Python part of it is not installed beside PySpark; install "
        "AWSGlueDataplanePython (Amazon Software License) there, or run `make setup`."
    )


def __getattr__(name: str) -> Any:
    """Import the one name of AWS's package late: a script that wants arguments alone needs no Spark."""
    if name == "DynamicFrame":
        from awsglue.dynamicframe import DynamicFrame

        return DynamicFrame
    raise AttributeError(f"module 'awsglue' has no attribute {name!r}")
