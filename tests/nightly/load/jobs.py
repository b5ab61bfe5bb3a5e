# SPDX-License-Identifier: Apache-2.0
"""Jobs as the collector sees them: the spans of one job in a request, tried again for a while."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tests.integration.conformance.building import PARENT, case, span_id

# A job of this project: itself, ten steps, and what Spark did in them; about 950 bytes a document.
SPANS_PER_JOB = 60
_METRICS = 14
_RETRY_FOR = 5.0  # seconds: what the library gives all telemetry at the end of a job
_PAUSE = 0.2  # seconds between tries


def body(run: str) -> bytes:
    """Encode the spans of one job's run as one request."""
    return bytes(encode_spans(spans(run)).SerializeToString())


def spans(run: str) -> list[ReadableSpan]:
    """Make the spans of one job's run; their ids come from the run's name."""
    metrics = {f"spark.stage.metric_{number}": number * 1_000_003 for number in range(_METRICS)}
    job = case(
        f"{run} job", {"run_id": run, "aws.xray.annotations": ["run_id"]}, kind=SpanKind.SERVER, parent=PARENT
    )
    parts = [
        case(
            f"{run} {number}",
            {"spark.stage.id": number, **metrics},
            name=f"stage {number}",
            parent=span_id(f"{run} job"),
        )
        for number in range(SPANS_PER_JOB - 1)
    ]
    return [job, *parts]


def ids(run: str) -> set[str]:
    """Name the documents that the spans of a run become."""
    names = [f"{run} job", *(f"{run} {number}" for number in range(SPANS_PER_JOB - 1))]
    return {f"{span_id(name):016x}" for name in names}


@dataclass(kw_only=True)
class Outcome:
    """What became of the runs that were sent."""

    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answer_seconds: list[float] = field(default_factory=list)
    retries: int = 0


class Jobs:
    """Sends runs from many threads at once.

    Parameters
    ----------
    endpoint
        Base URL of the collector.
    bodies
        Requests by run, made beforehand: encoding would cost more than sending.
    """

    def __init__(self, *, endpoint: str, bodies: dict[str, bytes]) -> None:
        split = urlsplit(endpoint)
        assert split.hostname is not None and split.port is not None
        self._address = (split.hostname, split.port)
        self._bodies = bodies
        self._runs = iter(bodies)
        self._lock = threading.Lock()
        self.outcome = Outcome()

    def send(self, *, at_once: int, pause: float = 0.0, on_half: Callable[[], None] | None = None) -> float:
        """Send every run once, ``at_once`` at a time; returns the seconds it took.

        ``on_half`` runs, in a thread of its own, when half of the runs have been taken up; ``pause`` is kept
        by each thread between two runs.
        """
        half = len(self._bodies) // 2
        taken = itertools.count(1)
        disturbance = threading.Thread(target=on_half) if on_half else None

        def work() -> None:
            while (run := self._next()) is not None:
                if next(taken) == half and disturbance:
                    disturbance.start()
                self._deliver(run)
                time.sleep(pause)

        began = time.perf_counter()
        threads = [threading.Thread(target=work) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        if disturbance:
            disturbance.join()
        return seconds

    def _next(self) -> str | None:
        with self._lock:
            return next(self._runs, None)

    def _deliver(self, run: str) -> None:
        began = time.perf_counter()
        while (status := self._post(self._bodies[run])) in (0, 429, 502, 503, 504):  # what OTLP tries again
            if time.perf_counter() - began > _RETRY_FOR:
                break
            with self._lock:
                self.outcome.retries += 1
            time.sleep(_PAUSE)
        with self._lock:
            (self.outcome.accepted if status == 200 else self.outcome.refused).append(run)
            self.outcome.answer_seconds.append(time.perf_counter() - began)

    def _post(self, content: bytes) -> int:
        """Return the HTTP status, 0 without an answer; a connection each, for each job is a process."""
        connection = http.client.HTTPConnection(*self._address, timeout=30)
        try:
            connection.request("POST", "/v1/traces", content, {"Content-Type": "application/x-protobuf"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
