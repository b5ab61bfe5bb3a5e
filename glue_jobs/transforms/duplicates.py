# SPDX-License-Identifier: Apache-2.0
"""Rule 4: of listings with the same host name, place and price the one with the smallest id stays."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame

from transforms.fields import DUPLICATE, MORE, REASON
from transforms.rejecting import reject
from transforms.values import whole

KEY: Final = ("host_name", "lat", "long", "price")
_DIGEST: Final = "_digest"
_MALFORMED: Final = "_malformed"
_KEY_HASH: Final = "_key_hash"
_NUMBER: Final = "_number"
_RANK: Final = "_rank"
_HELPERS: Final = (_DIGEST, _MALFORMED, _KEY_HASH, _NUMBER, _RANK)


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
        Number of partitions that the rows are spread over, by the exchange after the reading.
    """
    # A map has no hash of its own (DATATYPE_MISMATCH.HASH_MAP_TYPE); JSON records have one.
    values = ", ".join(f"to_json({name})" if name == MORE else name for name in rows.columns)
    digest = f"xxhash64({values})"
    malformed = f"CASE WHEN {REASON} IS NOT NULL THEN {digest} END"
    # The hash spreads and sorts the rows: two numbers are compared where four texts would be. Where hashes
    # are equal, the texts decide. None of these columns reads another, so that one projection has all.
    marked = rows.selectExpr(
        "*",
        f"{digest} AS {_DIGEST}",
        f"{malformed} AS {_MALFORMED}",
        f"xxhash64({', '.join(KEY)}, {malformed}) AS {_KEY_HASH}",
        f"{whole('id', 'long')} AS {_NUMBER}",
    )
    key = ", ".join((_KEY_HASH, *KEY, _MALFORMED))
    order = f"{_NUMBER} ASC NULLS LAST, id ASC NULLS LAST, {_DIGEST}"
    rank = f"row_number() OVER (PARTITION BY {key} ORDER BY {order}) AS {_RANK}"
    # What fills one partition needs no exchange: it is read into that one.
    spread = marked.coalesce(1) if partitions == 1 else marked.repartition(partitions, _KEY_HASH)
    ranked = spread.selectExpr("*", rank)
    return reject(ranked, {DUPLICATE: f"{_RANK} > 1"}).drop(*_HELPERS)
