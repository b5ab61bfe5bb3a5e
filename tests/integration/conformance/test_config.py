# SPDX-License-Identifier: Apache-2.0
"""The configuration that Fargate gets, in the real collector."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from tests.integration.conformance.building import case
from tests.integration.conformance.real_collector import CONFIG, CollectorError, RealCollector
from tests.integration.conformance.recorder import Failure, Recorder
from tests.integration.conformance.run import post, span_id_of

_PATIENCE = 20.0  # seconds
_BEGINNINGS = 3  # of collectors that are told to stop at once


def _body(*names: str) -> bytes:
    return bytes(encode_spans([case(name, {"rows": 1}) for name in names]).SerializeToString())


def test_the_configuration_is_valid(otelcol: Path) -> None:
    environment = {**os.environ, "AWS_REGION": "us-east-1"}
    command = [str(otelcol), "validate", f"--config={CONFIG}"]

    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert done.returncode == 0, done.stderr


def test_the_health_check_answers(otelcol: Path) -> None:
    with (
        Recorder() as xray,
        RealCollector(binary=otelcol, xray_endpoint=xray.endpoint) as collector,
        urllib.request.urlopen(collector.health_endpoint, timeout=_PATIENCE) as answer,  # noqa: S310 - ours
    ):
        assert answer.status == 200


def test_a_broken_configuration_is_told(otelcol: Path) -> None:
    broken = CONFIG.read_text(encoding="utf-8").replace("awsxray", "nosuchexporter")
    collector = RealCollector(binary=otelcol, xray_endpoint="http://127.0.0.1:1", config=broken)

    with pytest.raises(CollectorError, match="nosuchexporter"):
        collector.start()


def test_one_call_takes_fifty_documents_at_most(otelcol: Path) -> None:
    names = [f"many {number}" for number in range(220)]

    with Recorder() as xray, RealCollector(binary=otelcol, xray_endpoint=xray.endpoint) as collector:
        post(collector.otlp_endpoint, _body(*names))
        assert xray.wait(lambda taken: len(taken.documents) >= 220, seconds=_PATIENCE)

    assert sorted(xray.calls) == [20, 50, 50, 50, 50]


def test_a_failing_xray_costs_no_span_unsaid(otelcol: Path) -> None:
    """Either the job is told, and can do something else, or the collector sends later."""
    with Recorder() as xray, RealCollector(binary=otelcol, xray_endpoint=xray.endpoint) as collector:
        xray.fail(Failure(status=500))
        try:
            post(collector.otlp_endpoint, _body("one", "two"))
        except urllib.error.HTTPError as error:
            assert error.code == 503  # what OTLP clients try again
            told = True
        else:
            told = False
        assert xray.wait(lambda taken: taken.failed_calls >= 2, seconds=_PATIENCE)

        xray.fail(None)

        assert told or xray.wait(lambda taken: len(taken.ids()) == 2, seconds=60)


def test_an_accepted_span_survives_the_end_of_the_collector(otelcol: Path) -> None:
    """SIGTERM is what ECS sends when it replaces a task or takes a Spot one back.

    The collector accepts spans a moment before it listens for signals: one that began just now dies of it.
    """
    for _ in range(_BEGINNINGS):
        with Recorder() as xray, RealCollector(binary=otelcol, xray_endpoint=xray.endpoint) as collector:
            post(collector.otlp_endpoint, _body("accepted"))
            code, taken = collector.stop(), xray.ids()
        if code != -signal.SIGTERM:
            break
    assert (code, taken) == (0, {span_id_of(case("accepted"))})


def test_a_document_has_what_the_span_said(otelcol: Path) -> None:
    with Recorder() as xray, RealCollector(binary=otelcol, xray_endpoint=xray.endpoint) as collector:
        post(collector.otlp_endpoint, _body("told"))
        assert xray.wait(lambda taken: len(taken.documents) == 1, seconds=_PATIENCE)

    document = json.loads(xray.documents[0])
    assert document["name"] == "Read Data"
    assert document["trace_id"] == "1-6b015d90-bd862e3fe1be46a994272793"
    assert document["parent_id"] == "70de5b6f19ff9a0a"
    assert document["type"] == "subsegment"
    assert document["metadata"] == {"default": {"rows": 1}}
