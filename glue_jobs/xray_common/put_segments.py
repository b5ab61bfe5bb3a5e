# SPDX-License-Identifier: Apache-2.0
"""PutTraceSegments of X-Ray: how many documents a call takes, and what X-Ray refused of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

MAX_DOCUMENTS_PER_CALL: Final = 50  # PutTraceSegments, "Exceeding maximum segment count: 50"
_T = TypeVar("_T")


class Refusal(NamedTuple):
    """An entry of ``UnprocessedTraceSegments``; each part may be missing from X-Ray's answer."""

    segment_id: str | None
    code: str | None
    message: str | None


def batches(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Cut documents, or what stands for them, into what one call takes.

    Examples
    --------
    >>> [len(batch) for batch in batches(range(120))]
    [50, 50, 20]
    """
    for start in range(0, len(items), MAX_DOCUMENTS_PER_CALL):
        yield items[start : start + MAX_DOCUMENTS_PER_CALL]


def put_segments(client: Any, documents: Sequence[str]) -> list[Refusal]:
    """Send one batch; return what X-Ray refused. Whatever ``client``, of botocore, raises is the caller's."""
    answer = client.put_trace_segments(TraceSegmentDocuments=list(documents))
    return [
        Refusal(refused.get("Id"), refused.get("ErrorCode"), refused.get("Message"))
        for refused in answer.get("UnprocessedTraceSegments") or []
    ]
