# SPDX-License-Identifier: Apache-2.0
"""The JVM side of ``awsglue``, on Spark's own DataFrames.

AWS's Python part calls Scala classes by name on PySpark's view of the JVM. The classes here have the names
and methods that it calls; what is not here says so in one sentence (``missing``). A DynamicFrame is a
DataFrame: there are no choice types, and no bookmarks.
"""

from glue_jvm.view import GlueView, install

__all__ = ["GlueView", "install"]
