# SPDX-License-Identifier: Apache-2.0
"""Two collectors behind one name, one of them killed, and the library's own delivery in front of them."""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal
from unittest import mock
from urllib.parse import urlsplit

from tests.integration.conformance.real_collector import RealCollector
from tests.integration.conformance.recorder import Recorder
from tests.nightly.load.jobs import SPANS_PER_JOB, ids, spans
from tests.nightly.load.name import Address, Name, silent_address
from xray_helper.clients import aws_client
from xray_helper.export.delivery import DeliveryReport, deliver, warm_up

Dead = Literal["refuses", "silent"]
BUDGET_S = 5.0  # of a job's end: the default of end_budget_s
TTL_S = 10.0  # of the name's records, glue_tracing/collector/collector.py
KILLED_AFTER_S = 5.0
_AT_ONCE = 128


def failover(*, binary: Path, config: str, dead: Dead, spans_per_s: int, seconds: float) -> dict[str, Any]:
    """Send at a steady rate, kill one of two collectors, take its address out of the name a TTL later.

    Parameters
    ----------
    dead
        What the dead one's address does: ``refuses`` connections, or is ``silent``, as on Fargate.
    """
    runs = [f"{dead} {number}" for number in range(int(spans_per_s * seconds / SPANS_PER_JOB))]
    made = {run: spans(run) for run in runs}
    with Recorder(answer_seconds=0.03) as xray, ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(mock.patch.dict(os.environ, _aws(xray.endpoint)))
        collectors = [stack.enter_context(_collector(binary, config, xray)) for _ in range(2)]
        name = Name([_address(collector) for collector in collectors])
        endpoint = stack.enter_context(name.known())
        # A job makes its own in a process of its own; a hundred made at once here would measure this process.
        shared = aws_client("xray")
        stack.enter_context(mock.patch("xray_helper.export.xray.aws_client", lambda _: shared))
        silent = stack.enter_context(silent_address())
        warm_up(endpoint)

        def kill() -> None:
            gone = _address(collectors[0])
            collectors[0].kill()
            stays = silent if dead == "silent" else gone
            name.addresses[name.addresses.index(gone)] = stays
            threading.Timer(TTL_S, name.addresses.remove, [stays]).start()

        killer = threading.Timer(KILLED_AFTER_S, kill)
        killer.start()
        reports, took, all_s = _send(made, endpoint, folder, SPANS_PER_JOB / spans_per_s)
        killer.join()
        sent = [run for run, report in reports.items() if report.sent]
        expected = set().union(*(ids(run) for run in sent))
        xray.wait(lambda taken: expected <= taken.ids(), seconds=5.0)
        return {
            "dead": dead,
            "spans": len(runs) * SPANS_PER_JOB,
            "spans_per_second": round(len(runs) * SPANS_PER_JOB / all_s),
            "to_collector": sum(report.to_collector for report in reports.values()),
            "to_xray": sum(report.to_xray for report in reports.values()),
            "to_file": sum(report.spilled for report in reports.values()),
            "counted_as_dropped": sum(report.dropped for report in reports.values()),
            "lost_spans": len(expected - xray.ids()),
            "delivery_ms_median": round(statistics.median(took) * 1000),
            "delivery_ms_longest": round(max(took) * 1000),
        }


def _send(
    made: dict[str, Any], endpoint: str, folder: str, pause: float
) -> tuple[dict[str, DeliveryReport], list[float], float]:
    """Deliver each run at its time, whatever became of those before it."""
    took: list[float] = []

    def one(run: str) -> DeliveryReport:
        began = time.monotonic()
        report = deliver(made[run], otlp_endpoint=endpoint, spill_uri=folder, deadline=began + BUDGET_S)
        took.append(time.monotonic() - began)
        return report

    began = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting: dict[str, Future[DeliveryReport]] = {}
        for number, run in enumerate(made):
            time.sleep(max(0.0, began + number * pause - time.monotonic()))
            waiting[run] = pool.submit(one, run)
    return {run: future.result() for run, future in waiting.items()}, took, time.monotonic() - began


@contextmanager
def _collector(binary: Path, config: str, xray: Recorder) -> Iterator[RealCollector]:
    with RealCollector(
        binary=binary, xray_endpoint=xray.endpoint, config=config, environment={"GOMAXPROCS": "1"}
    ) as collector:
        yield collector


def _address(collector: RealCollector) -> Address:
    split = urlsplit(collector.otlp_endpoint)
    assert split.hostname is not None and split.port is not None
    return split.hostname, split.port


def _aws(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL_XRAY": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
