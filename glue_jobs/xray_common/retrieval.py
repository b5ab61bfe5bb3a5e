# SPDX-License-Identifier: Apache-2.0
"""Traces from Transaction Search, which looks them up in CloudWatch Logs and answers later.

Source: AWS X-Ray API reference, StartTraceRetrieval and ListRetrievedTraces.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

COMPLETE: Final = "COMPLETE"
_UNDER_WAY: Final = ("SCHEDULED", "RUNNING")


@dataclass(frozen=True)
class Retrieval:
    """A retrieval as of the last answer of ListRetrievedTraces."""

    client: Any
    token: str
    answer: dict[str, Any]

    @property
    def status(self) -> str:
        """``COMPLETE``, ``SCHEDULED``, ``RUNNING``, ``FAILED``, ``CANCELLED`` or ``TIMED_OUT``."""
        return str(self.answer.get("RetrievalStatus"))

    @property
    def is_under_way(self) -> bool:
        """Whether the deadline came before the end."""
        return self.status in _UNDER_WAY

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the traces, ``{"Id", "Duration", "Spans": [{"Id", "Document"}]}``, page by page."""
        answer = self.answer
        while True:
            yield answer.get("Traces") or []
            if not answer.get("NextToken"):
                return
            answer = _list(self.client, self.token, NextToken=answer["NextToken"])


def retrieve(
    client: Any, *trace_ids: str, start: datetime, end: datetime, deadline: float, pauses: Iterable[float]
) -> Retrieval:
    """Start a retrieval and await its end, as long as the deadline allows.

    Parameters
    ----------
    client
        A boto3 X-Ray client; what it raises is passed on.
    trace_ids
        At most 100.
    start, end
        The time in which the trace is looked for.
    deadline
        On the clock of ``time.monotonic``.
    pauses
        Seconds between two questions; enough of them to reach the deadline.
    """
    token = client.start_trace_retrieval(TraceIds=[*trace_ids], StartTime=start, EndTime=end)[
        "RetrievalToken"
    ]
    retrieval = Retrieval(client, token, _list(client, token))
    for pause in pauses:
        if not retrieval.is_under_way:
            break
        time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
        if time.monotonic() >= deadline:
            break
        retrieval = Retrieval(client, token, _list(client, token))
    return retrieval


def _list(client: Any, token: str, **page: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.list_retrieved_traces(RetrievalToken=token, TraceFormat="XRAY", **page)
    return answer
