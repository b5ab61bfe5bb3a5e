# SPDX-License-Identifier: Apache-2.0
"""A retrieval of Transaction Search ends with its answer or with the deadline."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import pytest

from xray_common.retrieval import Retrieval, retrieve

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class XRay:
    """Answers ListRetrievedTraces in turn, the last answer for ever, and notes the requests."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.requests = list(answers), list[dict[str, Any]]()

    def start_trace_retrieval(self, **request: Any) -> dict[str, Any]:
        assert request == {"TraceIds": ["1-2-3"], "StartTime": NOW, "EndTime": NOW}
        return {"RetrievalToken": "token"}

    def list_retrieved_traces(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def ask(xray: XRay, *, seconds: float = 60.0, pause: float = 0.0) -> Retrieval:
    deadline = time.monotonic() + seconds
    return retrieve(xray, "1-2-3", start=NOW, end=NOW, deadline=deadline, pauses=repeat(pause))


def test_the_end_is_awaited_and_every_page_read() -> None:
    page = {"RetrievalStatus": "COMPLETE", "Traces": [{"Id": "a"}], "NextToken": "more"}
    last = {"RetrievalStatus": "COMPLETE", "Traces": [{"Id": "b"}]}
    xray = XRay({"RetrievalStatus": "SCHEDULED"}, {"RetrievalStatus": "RUNNING"}, page, last)
    retrieval = ask(xray)
    assert (retrieval.status, retrieval.is_under_way) == ("COMPLETE", False)
    assert list(retrieval.pages()) == [[{"Id": "a"}], [{"Id": "b"}]]
    plain = {"RetrievalToken": "token", "TraceFormat": "XRAY"}
    assert xray.requests == [plain, plain, plain, {**plain, "NextToken": "more"}]


def test_at_the_deadline_it_is_under_way_and_not_asked_for_again() -> None:
    xray = XRay({"RetrievalStatus": "RUNNING"})
    assert ask(xray, seconds=0.05, pause=60.0).is_under_way
    assert len(xray.requests) == 1


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "TIMED_OUT"])
def test_a_retrieval_that_failed_is_over(status: str) -> None:
    retrieval = ask(XRay({"RetrievalStatus": status}))
    assert (retrieval.status, retrieval.is_under_way, list(retrieval.pages())) == (status, False, [[]])
