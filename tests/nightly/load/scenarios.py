# SPDX-License-Identifier: Apache-2.0
"""The loads: many jobs at once, X-Ray away, the collector stopped or killed in the middle."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from tests.integration.conformance.real_collector import CONFIG, RealCollector
from tests.integration.conformance.recorder import Failure, Recorder
from tests.nightly.load.jobs import SPANS_PER_JOB, Jobs, body, ids
from tests.nightly.load.process import cpu_seconds, peak_mib

XRAY_SECONDS = 0.03  # X-Ray's answer time within a region, assumed
TASK_MIB = 512
_PATIENCE = 20.0  # seconds for what is on its way

# The memory limiter counts in percent of the container's memory; here as in a task of 512 MiB.
_LIMITS = {
    "limit_percentage: 75": f"limit_mib: {TASK_MIB * 75 // 100}",
    "spike_limit_percentage: 20": f"spike_limit_mib: {TASK_MIB * 20 // 100}",
}


def task_config(text: str | None = None) -> str:
    """Return the configuration with the memory limits of a task."""
    text = text or CONFIG.read_text(encoding="utf-8")
    for percentage, mebibytes in _LIMITS.items():
        assert percentage in text, f"the configuration has no {percentage!r} any more: change _LIMITS"
        text = text.replace(percentage, mebibytes)
    return text


class Bench:
    """Runs scenarios against one configuration.

    Parameters
    ----------
    binary
        The collector.
    config
        Text of its configuration.
    """

    def __init__(self, *, binary: Path, config: str) -> None:
        self._binary = binary
        self._config = config

    def at_once(self, jobs: int, *, runs: int) -> dict[str, Any]:
        """Measure ``runs`` runs, of which ``jobs`` are always under way."""
        bodies = {f"at once {jobs} {run}": body(f"at once {jobs} {run}") for run in range(runs)}
        with self._running() as (xray, collector):
            idle = peak_mib(collector.pid)
            sender = Jobs(endpoint=collector.otlp_endpoint, bodies=bodies)
            began, used = time.perf_counter(), cpu_seconds(collector.pid)
            sender.send(at_once=jobs)
            lost = _lost(xray, sender)
            seconds, used = time.perf_counter() - began, cpu_seconds(collector.pid) - used
            spans = runs * SPANS_PER_JOB
            return {
                "jobs_at_once": jobs,
                "spans": spans,
                "spans_per_second": round(spans / seconds),
                "cpu_ms_per_1000_spans": round(used * 1e6 / spans, 1),
                "spans_per_second_of_one_cpu": round(spans / used),
                "answer_ms_median": _ms(statistics.median(sender.outcome.answer_seconds)),
                "answer_ms_longest": _ms(max(sender.outcome.answer_seconds)),
                "peak_mib": peak_mib(collector.pid),
                "idle_mib": idle,
                "refused_spans": len(sender.outcome.refused) * SPANS_PER_JOB,
                "lost_spans": lost,
            }

    def xray_away(self, *, runs: int, seconds: float) -> dict[str, Any]:
        """Send while X-Ray fails for a while, then let it recover."""
        bodies = {f"away {run}": body(f"away {run}") for run in range(runs)}
        with self._running() as (xray, collector):
            xray.fail(Failure(status=500))
            sender = Jobs(endpoint=collector.otlp_endpoint, bodies=bodies)
            back = threading.Timer(seconds, xray.fail, [None])
            back.start()
            sender.send(at_once=50)
            back.join()
            lost = _lost(xray, sender, patience=45.0)
            return {
                "spans": runs * SPANS_PER_JOB,
                "xray_away_seconds": seconds,
                "peak_mib": peak_mib(collector.pid),
                **_losses(sender, lost),
            }

    def restart(self, how: Literal["stop", "kill"], *, runs: int) -> dict[str, Any]:
        """Stop (SIGTERM) or kill the collector in the middle, and start it again on the same address."""
        bodies = {f"restart {how} {run}": body(f"restart {how} {run}") for run in range(runs)}
        with self._running() as (xray, collector):
            sender = Jobs(endpoint=collector.otlp_endpoint, bodies=bodies)

            def disturb() -> None:
                collector.stop() if how == "stop" else collector.kill()
                collector.start()

            sender.send(at_once=10, pause=0.02, on_half=disturb)
            return {"how": how, "spans": runs * SPANS_PER_JOB, **_losses(sender, _lost(xray, sender))}

    @contextmanager
    def _running(self) -> Iterator[tuple[Recorder, RealCollector]]:
        with (
            Recorder(answer_seconds=XRAY_SECONDS) as xray,
            RealCollector(
                binary=self._binary,
                xray_endpoint=xray.endpoint,
                config=self._config,
                environment={"COLLECTOR_LOG_LEVEL": "info", "GOMAXPROCS": "1"},
            ) as collector,
        ):
            yield xray, collector


def _lost(xray: Recorder, sender: Jobs, *, patience: float = _PATIENCE) -> int:
    """Count documents of accepted runs that X-Ray never got."""
    expected = set().union(*(ids(run) for run in sender.outcome.accepted))
    seen = -1
    deadline = time.monotonic() + patience
    while not xray.wait(lambda taken: expected <= taken.ids(), seconds=5.0):
        if seen == len(xray.documents) and time.monotonic() > deadline:
            break
        seen = len(xray.documents)
    return len(expected - xray.ids())


def _losses(sender: Jobs, lost: int) -> dict[str, Any]:
    return {
        "accepted_spans": len(sender.outcome.accepted) * SPANS_PER_JOB,
        "refused_spans": len(sender.outcome.refused) * SPANS_PER_JOB,
        "retries": sender.outcome.retries,
        "lost_spans": lost,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
