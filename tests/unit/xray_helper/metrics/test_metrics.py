# SPDX-License-Identifier: Apache-2.0
"""Metrics on the wire: what a collector gets from a job, and what the local one makes of it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from local_cloud.xray.collector import emf
from tests.serving import Serving
from xray_helper import Job, Settings, traced_job
from xray_helper.metrics.job_metrics import MAX_SERIES


class Collector(Serving):
    """Answers every request with one status and keeps the bodies by path."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: dict[str, list[bytes]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                outer.bodies.setdefault(self.path, []).append(body)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        super().__init__(Handler)

    def lines(self) -> list[dict[str, Any]]:
        """The lines that CloudWatch would get for the one request with metrics."""
        (body,) = self.bodies["/v1/metrics"]
        return emf.lines(ExportMetricsServiceRequest.FromString(body), namespace="Stack")

    def series(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], Any]:
        """(name, tags beside job_name and OTelLib) -> value."""
        found = {}
        for line in self.lines():
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            (names,) = directive["Dimensions"]
            tags = {name: line[name] for name in names}
            assert (tags.pop("job_name"), tags.pop("OTelLib")) == ("load", "xray_helper")
            for metric in directive["Metrics"]:
                found[metric["Name"], tuple(sorted(tags.items()))] = line[metric["Name"]]
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        yield server


def settings(url: str, **changes: Any) -> Settings:
    given = {"job_name": "load", "otlp_endpoint": url, "metrics": True, "traces": False, **changes}
    return Settings(**given)


def run(chosen: Settings) -> Job:
    with Job(settings=chosen, traced=chosen.ask_for_tracing) as job:
        job.metrics.count("orders", 17, shop="a")
        job.metrics.count("orders", 3, shop="a")
        job.metrics.count("orders", 1, shop="b", unit="{order}")
        job.metrics.gauge("depth", 4)
        job.metrics.gauge("depth", 3)
        job.metrics.record("value", 2.5, unit="s")
        job.metrics.record("value", 0.5, unit="s")
    return job


def test_a_jobs_own_metrics_and_its_duration_go_in_one_request(collector: Collector) -> None:
    run(settings(collector.url))
    series = collector.series()
    duration = series.pop(("job.duration", (("status", "ok"),)))
    assert duration["Count"] == 1
    assert duration["Sum"] == duration["Max"] == duration["Min"] > 0
    assert series == {
        ("orders", (("shop", "a"),)): 20,
        ("orders", (("shop", "b"),)): 1,
        ("depth", ()): 3,
        ("value", ()): {"Count": 2, "Sum": 3.0, "Max": 2.5, "Min": 0.5},
    }


def test_units_are_those_of_cloudwatch(collector: Collector) -> None:
    run(settings(collector.url))
    units = {
        metric["Name"]: metric.get("Unit")
        for line in collector.lines()
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    assert units == {"orders": "", "depth": "", "value": "Seconds", "job.duration": "Seconds"}


def test_a_traced_job_also_counts_its_spans(collector: Collector) -> None:
    with Job(settings=settings(collector.url, traces=True)) as job, job.step("Read"):
        pass
    series = collector.series()
    outcomes = {dict(tags)["outcome"]: value for (name, tags), value in series.items() if name == "job.spans"}
    assert outcomes == {"sent": 2, "spilled": 0, "left_out": 0, "dropped": 0}
    assert series["job.step.duration", (("step", "Read"),)]["Count"] == 1


def test_a_failure_is_a_status_and_passes_through(collector: Collector) -> None:
    with pytest.raises(KeyError), Job(settings=settings(collector.url), traced=False):
        raise KeyError("price")
    assert list(collector.series()) == [("job.duration", (("status", "failed"),))]


def test_run_id_comes_only_when_asked_for_and_then_beside_the_rest(collector: Collector) -> None:
    with Job(settings=settings(collector.url, run_id="r1"), traced=False):
        pass
    assert {tags for _, tags in collector.series()} == {(("status", "ok"),)}
    collector.bodies.clear()
    with Job(settings=settings(collector.url, run_id="r1", metrics_run_id=True), traced=False):
        pass
    assert {tags for _, tags in collector.series()} == {
        (("status", "ok"),),
        (("run_id", "r1"), ("status", "ok")),
    }


def test_series_are_bounded_and_the_rest_is_counted_as_a_fault(collector: Collector) -> None:
    with Job(settings=settings(collector.url), traced=False) as job:
        for number in range(MAX_SERIES + 5):
            job.metrics.count("orders", shop=str(number))
    assert len(collector.series()) == MAX_SERIES
    assert job.telemetry_faults == 6  # five shops, and the job's own duration


@pytest.mark.parametrize("traces", [False, True])
def test_a_collector_that_fails_costs_the_job_its_budget_at_most(collector: Collector, traces: bool) -> None:
    collector.status = 500
    begun = time.monotonic()
    run(settings(collector.url, traces=traces, end_budget_s=1.0))
    assert time.monotonic() - begun < 3.0  # seconds: the budget, and what starting takes on a busy machine
    assert collector.bodies["/v1/traces" if traces else "/v1/metrics"]


def test_nonsense_is_counted_and_does_not_reach_the_job(collector: Collector) -> None:
    with Job(settings=settings(collector.url), traced=False) as job:
        job.metrics.count("", 1)
        job.metrics.count("rows", "many")  # type: ignore[arg-type]
    assert job.telemetry_faults >= 1


@pytest.mark.parametrize(
    "argv", [[], ["--metrics", "on"], ["--metrics", "off", "--otlp_endpoint", "http://x:1"]]
)
def test_metrics_need_the_switch_and_an_endpoint(argv: list[str]) -> None:
    with traced_job(argv=[*argv, "--traces", "off"]) as job:
        job.metrics.count("orders")
    assert job.metrics.is_on is False
    assert job.metrics.collect() is None


def test_without_metrics_opentelemetry_is_not_imported() -> None:
    code = (
        "import sys; sys.path.insert(0, 'glue_jobs')\n"
        "from xray_helper import traced_job\n"
        "with traced_job(argv=[]) as job, job.step('a'): job.metrics.count('x')\n"
        "print([m for m in sys.modules if m.startswith(('opentelemetry', 'boto'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_of_a_cumulative_sum_the_exporter_drops_the_first_value() -> None:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="rows", unit="1")
    metric.sum.aggregation_temporality = 2  # cumulative
    metric.sum.data_points.add(as_int=3, time_unix_nano=1_000_000)
    assert emf.lines(request, namespace="Stack") == []


def test_a_line_is_what_the_exporter_writes() -> None:
    request = ExportMetricsServiceRequest()
    scoped = request.resource_metrics.add().scope_metrics.add()
    scoped.scope.name = "xray_helper"
    metric = scoped.metrics.add(name="bytes", unit="By")
    metric.sum.aggregation_temporality = 1  # delta
    point = metric.sum.data_points.add(as_int=3, time_unix_nano=1_700_000_000_123_456_789)
    point.attributes.add(key="job_name").value.string_value = "load"
    (line,) = emf.lines(request, namespace="Stack")
    assert json.loads(emf.text(line)) == {
        "job_name": "load",
        "OTelLib": "xray_helper",
        "bytes": 3,
        "Version": "1",
        "_aws": {
            "Timestamp": 1_700_000_000_123,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Stack",
                    "Dimensions": [["job_name", "OTelLib"]],
                    "Metrics": [{"Name": "bytes", "StorageResolution": 60, "Unit": "Bytes"}],
                }
            ],
        },
    }
