# SPDX-License-Identifier: Apache-2.0
"""What a function of the script (``Map``, ``Filter``) returned, as rows; errors are counted as Glue does."""

from __future__ import annotations

import functools
import sys
from typing import Any

from pyspark.rdd import RDD
from pyspark.serializers import AutoBatchedSerializer, CPickleSerializer
from pyspark.sql import DataFrame
from pyspark.storagelevel import StorageLevel

from glue_jvm import records
from glue_jvm.files import session


def rows_of(java_rdd: Any, before: DataFrame) -> tuple[DataFrame, records.Survey]:
    """Return the records that a function returned, and what they are like; it runs once.

    Parameters
    ----------
    java_rdd
        Its records, pickled.
    before
        The rows that it was given.
    """
    pickled = AutoBatchedSerializer(CPickleSerializer())  # type: ignore[no-untyped-call]
    entries: Any = RDD(java_rdd, session().sparkContext, pickled)
    entries = entries.persist(StorageLevel.MEMORY_AND_DISK)
    found = entries.mapPartitions(functools.partial(records.survey, schema=before.schema)).fold(
        records.Survey(), records.Survey.merge
    )
    schema = found.schema(before.schema)
    rows = entries.filter(records.is_good).map(functools.partial(records.to_row, tuple(schema.names)))
    return session().createDataFrame(rows, schema, verifySchema=False), found


def report(found: records.Survey, name: str, *limits: tuple[int, int]) -> None:
    """Name the records that were left out; fail where the script says that they are too many.

    Parameters
    ----------
    found
        What the records are like.
    name
        Of the transformation.
    limits
        Numbers of errors with the threshold of each; 0 is none.
    """
    if not found.errors:
        return
    text = f"{name or 'Map or Filter'}: the function failed on {found.errors} records, with {found.example!r}"
    for errors, threshold in limits:
        if 0 < threshold <= errors:
            raise RuntimeError(f"{text}; the threshold is {threshold}.")
    print(f"awsglue: {text}; they are left out.", file=sys.stderr)
