# SPDX-License-Identifier: Apache-2.0
"""Rule 4: of listings with the same host name, place and price the one with the smallest id stays."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.fields import DUPLICATE, MORE, REASON
from transforms.rejecting import reject
from transforms.values import whole

KEY: Final = ("host_name", "lat", "long", "price")
_DIGEST: Final = "_digest"
_MALFORMED: Final = "_malformed"
_KEY_HASH: Final = "_key_hash"
_RANK: Final = "_rank"


def mark_duplicates(rows: DataFrame, partitions: int) -> DataFrame:
    """Mark every row but one of those that are equal in ``KEY``, as text, nulls being equal.

    Ids are compared as numbers; ids that are none come last. Equal ids are told apart by the rest of the row,
    so that the same input gives the same answer each time: Spark may run this twice when it loses a worker.
    Rows that are already rejected take no part: each is alone with its digest.

    Parameters
    ----------
    rows
        Text columns.
    partitions
        Number of partitions that the rows are spread over: this is the exchange after the reading.
    """
    # A map has no hash of its own (DATATYPE_MISMATCH.HASH_MAP_TYPE); JSON records have one.
    values = ", ".join(f"to_json({name})" if name == MORE else name for name in rows.columns)
    # The hash spreads and sorts the rows: two numbers are compared where four texts would be. Where hashes
    # are equal, the texts decide.
    key = ", ".join((*KEY, _MALFORMED))
    marked = rows.selectExpr(
        "*",
        f"xxhash64({values}) AS {_DIGEST}",
        f"CASE WHEN {REASON} IS NOT NULL THEN {_DIGEST} END AS {_MALFORMED}",
        f"xxhash64({key}) AS {_KEY_HASH}",
    )
    order = f"{whole('id', 'long')} ASC NULLS LAST, id ASC NULLS LAST, {_DIGEST}"
    rank = f"row_number() OVER (PARTITION BY {_KEY_HASH}, {key} ORDER BY {order})"
    ranked = marked.repartition(partitions, _KEY_HASH).withColumn(_RANK, fn.expr(rank))
    return reject(ranked, {DUPLICATE: f"{_RANK} > 1"}).drop(_DIGEST, _MALFORMED, _KEY_HASH, _RANK)
