# SPDX-License-Identifier: Apache-2.0
"""Many traces of X-Ray: their summaries of days, and all of their documents, a few calls at a time.

X-Ray's API takes five ids per BatchGetTraces and throttles an account that asks too often; botocore's
adaptive retries keep to the rate that it grants.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from itertools import chain, repeat
from typing import Any, TypeVar

from trace_viewer.model.trace import Trace
from trace_viewer.xray.fetch import (
    RETRIEVAL_DEADLINE,
    RETRIEVAL_POLL,
    SUMMARY_WINDOW,
    join,
    search_range,
    started,
    summaries,
    transaction_search_is_on,
)
from trace_viewer.xray.session import XRayError, aws_client, aws_failures, aws_session
from xray_common.retrieval import COMPLETE, retrieve

PER_CALL = 5  # ids of one BatchGetTraces, X-Ray developer guide, "Using the X-Ray API to get data"
PER_RETRIEVAL = 100  # ids of one StartTraceRetrieval, API reference
AT_ONCE = 6  # calls
ATTEMPTS = 10  # of a call that is throttled

A = TypeVar("A")
R = TypeVar("R")


class ManyTraces:
    """Asks X-Ray for many traces.

    Parameters
    ----------
    client
        A boto3 X-Ray client; default: of the usual AWS environment.

    Raises
    ------
    XRayError
        By every method, if X-Ray could not be asked.
    """

    def __init__(self, client: Any = None) -> None:
        retries = {"mode": "adaptive", "max_attempts": ATTEMPTS}
        patient = {"retries": retries, "max_pool_connections": AT_ONCE}
        self._xray = client or aws_client(aws_session(), "xray", **patient)

    def console_url(self, trace_id: str) -> str:
        """Return where the console shows a trace."""
        region = self._xray.meta.region_name
        home = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        return f"{home}#xray:traces/{trace_id}"

    def summaries(
        self, last: timedelta, expression: str = "", now: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Return the summaries of the traces that started within a time, newest first.

        Where Transaction Search is on, only the indexed share of traces has one.
        """
        end = (now or datetime.now(timezone.utc)).replace(microsecond=0) + timedelta(seconds=1)
        windows = _windows(end - last, end)
        found = self._ask(lambda span: list(summaries(self._xray, *span, expression)), windows)
        by_id = {str(item["Id"]): item for item in chain.from_iterable(found)}
        return sorted(by_id.values(), key=started, reverse=True)

    def fetch(self, trace_ids: Sequence[str]) -> Iterator[Trace]:
        """Yield the traces that X-Ray has; under Transaction Search those of one retrieval per hundred."""
        missing = set(trace_ids)
        for traces in self._ask(self._batch, _parts(trace_ids, PER_CALL)):
            missing -= {trace.id for trace in traces}
            yield from traces
        left = [trace_id for trace_id in trace_ids if trace_id in missing]
        if left and transaction_search_is_on(self._xray):
            for traces in self._ask(self._retrieve, _parts(left, PER_RETRIEVAL)):
                yield from traces

    def _batch(self, trace_ids: Sequence[str]) -> list[Trace]:
        pages = self._xray.get_paginator("batch_get_traces").paginate(TraceIds=list(trace_ids))
        return _joined((part for page in pages for part in page.get("Traces", ())), "Segments")

    def _retrieve(self, trace_ids: Sequence[str]) -> list[Trace]:
        now = datetime.now(timezone.utc)
        ranges = [search_range(trace_id, now) for trace_id in trace_ids]
        retrieval = retrieve(
            self._xray,
            *trace_ids,
            start=min(start for start, _ in ranges),
            end=max(end for _, end in ranges),
            deadline=time.monotonic() + RETRIEVAL_DEADLINE,
            pauses=repeat(RETRIEVAL_POLL),
        )
        if retrieval.is_under_way:
            self._xray.cancel_trace_retrieval(RetrievalToken=retrieval.token)
        if retrieval.status != COMPLETE:
            raise XRayError(f"The retrieval of {len(trace_ids)} traces ended {retrieval.status}: try again.")
        return _joined((trace for traces in retrieval.pages() for trace in traces), "Spans")

    def _ask(self, question: Callable[[A], R], about: Sequence[A]) -> Iterator[R]:
        """Yield the answers in order; the first failure ends it, and what was not asked yet is not."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = [pool.submit(question, item) for item in about]
            try:
                for answer in answers:
                    yield answer.result()
            except aws_failures() as error:
                raise XRayError(f"X-Ray could not be asked for its traces: {error}") from error
            finally:
                pool.shutdown(cancel_futures=True)


def _windows(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return start..end in parts that GetTraceSummaries takes, newest first."""
    found = []
    while end > start:
        found.append((max(start, end - SUMMARY_WINDOW), end))
        end -= SUMMARY_WINDOW
    return found


def _parts(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def _joined(parts: Iterator[dict[str, Any]], items: str) -> list[Trace]:
    by_id: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in parts:
        by_id[str(part["Id"])].append(part)
    return [trace for same in by_id.values() if (trace := join(same, items))]
