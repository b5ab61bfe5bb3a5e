# SPDX-License-Identifier: Apache-2.0
"""Runs of X-Ray: summaries first, each trace once, within what the API takes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.unit.trace_viewer.history.samples import BEGIN, DAY, trace_of
from trace_viewer import Trace, XRayError
from trace_viewer.history.cache import Cache, NoCache
from trace_viewer.history.look_up import usual_of
from trace_viewer.history.sources import Selection, from_xray
from trace_viewer.xray.several import PER_CALL, ManyTraces

NOW = datetime.fromtimestamp(BEGIN + 400 * DAY, UTC)


class XRay:
    """Holds traces, and answers as the API does: five ids a call, six hours of summaries, pages of two."""

    meta = SimpleNamespace(region_name="eu-west-1")

    def __init__(self, traces: Sequence[Trace], *, is_indexed: bool = True) -> None:
        self.traces = {trace.id: trace for trace in traces}
        self.is_indexed = is_indexed
        self.asked: list[list[str]] = []
        self.retrieved: list[list[str]] = []
        self.expressions: set[str] = set()

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=getattr(self, operation))

    def get_trace_summaries(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.expressions.add(request.get("FilterExpression", ""))
        found = [
            trace
            for trace in self.traces.values()
            if request["StartTime"] <= _start(trace) < request["EndTime"]
        ]
        for at in range(0, max(1, len(found)), 2):
            yield {"TraceSummaries": [_summary(trace) for trace in found[at : at + 2]]}

    def batch_get_traces(self, TraceIds: list[str]) -> Iterator[dict[str, Any]]:  # noqa: N803 boto3's name
        assert 0 < len(TraceIds) <= PER_CALL
        self.asked.append(TraceIds)
        for trace_id in TraceIds if self.is_indexed else ():
            yield {"Traces": [self.traces[trace_id].to_json()]}

    def get_trace_segment_destination(self) -> dict[str, str]:
        return {"Destination": "XRay" if self.is_indexed else "CloudWatchLogs"}

    def start_trace_retrieval(self, TraceIds: list[str], **_: Any) -> dict[str, str]:  # noqa: N803
        self.retrieved.append(TraceIds)
        return {"RetrievalToken": str(len(self.retrieved) - 1)}

    def list_retrieved_traces(self, RetrievalToken: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        ids = self.retrieved[int(RetrievalToken)]
        found = [self.traces[trace_id].to_json() for trace_id in ids]
        spans = [{"Id": trace["Id"], "Duration": 1.0, "Spans": trace["Segments"]} for trace in found]
        return {"RetrievalStatus": "COMPLETE", "Traces": spans}


def _start(trace: Trace) -> datetime:
    return datetime.fromtimestamp(trace.tree.start, UTC)


def _summary(trace: Trace) -> dict[str, Any]:
    annotations: dict[str, list[Any]] = {key: [] for node in trace.tree.nodes for key in node.annotations}
    return {"Id": trace.id, "StartTime": _start(trace), "Annotations": annotations}


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> list[Trace]:
    """Return a run of each of the last 300 days."""
    summaries = ManyTraces.summaries

    def until_then(
        self: ManyTraces, last: timedelta, expression: str = "", now: datetime | None = None
    ) -> list[dict[str, Any]]:
        return summaries(self, last, expression, now or NOW)

    monkeypatch.setattr(ManyTraces, "summaries", until_then)
    return [trace_of(number, 1_000) for number in range(100, 400)]


def ids(traces: Sequence[Trace]) -> list[str]:
    return [trace.id for trace in traces]


def test_several_hundred_runs_are_asked_for_once_and_in_seconds(days: list[Trace], tmp_path: Path) -> None:
    xray, begun = XRay(days), time.monotonic()
    selection = Selection(timedelta(days=301))
    found = from_xray(selection, cache=Cache(tmp_path), xray=ManyTraces(xray))
    assert time.monotonic() - begun < 10  # 0.9 on an idle machine of two cores
    assert [run.id for run in found.runs] == ids(days)[::-1]
    assert sorted(chain.from_iterable(xray.asked)) == sorted(ids(days))
    xray.asked.clear()
    again = from_xray(selection, cache=Cache(tmp_path), xray=ManyTraces(xray))
    assert (again.runs, xray.asked) == (found.runs, [])
    assert found.links[days[0].id].endswith(f"region=eu-west-1#xray:traces/{days[0].id}")


def test_the_newest_are_kept_and_no_more_are_asked_for(days: list[Trace]) -> None:
    xray = XRay(days)
    found = from_xray(Selection(timedelta(days=20), limit=7), cache=NoCache(), xray=ManyTraces(xray))
    assert [run.id for run in found.runs] == ids(days)[:-8:-1]
    assert len(list(chain.from_iterable(xray.asked))) == 7


def test_the_usual_of_an_old_run_is_of_the_runs_before_it(days: list[Trace]) -> None:
    xray = XRay(days)
    verdict = usual_of(trace_of(200, 1_000, late=9.0), cache=NoCache(), xray=ManyTraces(xray))
    assert [run.id for run in verdict.good] == [trace.id for trace in days[90:100]]
    assert verdict.is_beyond
    assert xray.expressions == {'annotation.job_name = "orders"'}
    assert len(list(chain.from_iterable(xray.asked))) <= 15


def test_a_trace_of_no_job_is_no_run(days: list[Trace]) -> None:
    plain = Trace("1-00000001-000000000000000000000001", (("1", json.dumps(
        {"id": "1", "name": "web", "start_time": BEGIN + 399 * DAY, "end_time": BEGIN + 399 * DAY + 1}
    )),))  # fmt: skip
    found = from_xray(Selection(timedelta(days=2)), cache=NoCache(), xray=ManyTraces(XRay([*days, plain])))
    assert plain.id not in [run.id for run in found.runs] and found.runs


def test_under_transaction_search_one_retrieval_has_a_hundred(days: list[Trace]) -> None:
    xray = XRay(days, is_indexed=False)
    found = from_xray(Selection(timedelta(days=131)), cache=NoCache(), xray=ManyTraces(xray))
    assert [len(asked) for asked in xray.retrieved] == [100, 30]
    assert [run.id for run in found.runs] == ids(days)[:-131:-1]


def test_a_name_of_a_job_does_not_end_its_string(days: list[Trace]) -> None:
    xray = XRay(days)
    from_xray(Selection(timedelta(days=1), 'a" OR ok OR "\\'), cache=NoCache(), xray=ManyTraces(xray))
    assert xray.expressions == {'annotation.job_name = "a\\" OR ok OR \\"\\\\"'}


def test_a_refusal_is_one_sentence(days: list[Trace]) -> None:
    class Refusing(XRay):
        def batch_get_traces(self, TraceIds: list[str]) -> Iterator[dict[str, Any]]:  # noqa: N803
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "BatchGetTraces")

    with pytest.raises(XRayError, match=r"X-Ray could not be asked for its traces: .*AccessDenied"):
        from_xray(Selection(timedelta(days=9)), cache=NoCache(), xray=ManyTraces(Refusing(days)))


def test_a_real_client_pages_and_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    now = int(time.time())
    sent = [f"1-{now - 100 * number:08x}-{number:024x}" for number in range(1, 13)]
    with mock_aws():
        client = boto3.client("xray", region_name="us-east-1")
        for number, trace_id in enumerate(sent, 1):
            document: dict[str, Any] = {"trace_id": trace_id, "id": f"{number:016x}", "name": "orders"}
            document |= {"start_time": now - 100 * number, "end_time": now - 100 * number + 5}
            client.put_trace_segments(TraceSegmentDocuments=[json.dumps(document)])
        many = ManyTraces()
        listed = [str(summary["Id"]) for summary in many.summaries(timedelta(hours=8))]
        assert listed == sent
        assert sorted(trace.id for trace in many.fetch(listed)) == sorted(sent)
