# SPDX-License-Identifier: Apache-2.0
"""Telemetry fails alone: the execution starts, and one line says what was lost."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import aws_xray_sdk.core  # noqa: F401  # a warm function: a cold one's import has its own words for the address
import pytest

from start_pipeline import xray
from start_pipeline.handler import handler

from .conftest import Context
from .fake_aws import Daemon, FakeAws

Event = Callable[[str], dict[str, Any]]
SAMPLED = "Root=1-673f0000-aaaaaaaaaaaaaaaaaaaaaaaa;Parent=bbbbbbbbbbbbbbbb;Sampled=1"


def trouble(lines: list[dict[str, Any]]) -> tuple[int, str]:
    """Return how many documents were lost and the one reason, of the one warning."""
    (warning,) = [line for line in lines if line["level"] == "WARNING"]
    assert warning["message"] == "Trace documents had trouble; the pipeline is not affected."
    (reason,) = warning["reasons"]
    return warning["trace_documents_lost"], reason


@pytest.mark.parametrize(
    "address",
    ["", "127.0.0.1", "127.0.0.1:99999", "a.name.that.cannot.be:2000", "tcp:127.0.0.1:1", "::1:2000"],
)
def test_a_broken_daemon_address(
    aws: FakeAws,
    event: Event,
    context: Context,
    log_lines: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)

    assert len(handler(event("s3_put"), context)["started"]) == 1
    lost, reason = trouble(log_lines)
    assert lost == 1
    assert f"AWS_XRAY_DAEMON_ADDRESS is {address!r}" in reason


def test_nobody_listens(
    aws: FakeAws, daemon: Daemon, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    daemon.close()

    assert len(handler(event("s3_put"), context)["started"]) == 1


def test_the_sdk_cannot_be_imported(
    aws: FakeAws,
    event: Event,
    context: Context,
    log_lines: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aws_xray_sdk.core.models.facade_segment", None)

    assert len(handler(event("s3_put"), context)["started"]) == 1
    lost, reason = trouble(log_lines)
    assert lost == 2  # the root segment and the subsegment
    assert "ModuleNotFoundError" in reason


def test_xray_answers_with_an_error_so_that_the_daemon_gets_the_documents(
    aws: FakeAws, daemon: Daemon, event: Event, context: Context, log_lines: list[dict[str, Any]]
) -> None:
    aws.xray_status = 503

    handler(event("s3_put"), context)

    assert [d["name"] for d in daemon.documents()] == ["StartExecution", "start-pipeline"]
    lost, reason = trouble(log_lines)
    assert lost == 0
    assert reason.startswith("PutTraceSegments: ClientError")


def test_xray_refuses_documents(
    aws: FakeAws, event: Event, context: Context, log_lines: list[dict[str, Any]]
) -> None:
    aws.refuse_segments = True

    handler(event("s3_put"), context)

    (warning,) = [line for line in log_lines if line["level"] == "WARNING"]
    assert warning["trace_documents_lost"] == 2
    assert all("InvalidSegment: no" in reason for reason in warning["reasons"])


@pytest.fixture
def deaf_xray(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Take connections and never answer."""
    monkeypatch.setattr(xray, "READ_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield server


def test_an_xray_that_hangs_is_not_waited_for_twice(
    aws: FakeAws,
    daemon: Daemon,
    deaf_xray: socket.socket,
    event: Event,
    context: Context,
    log_lines: list[dict[str, Any]],
) -> None:
    many = event("s3_put")
    record = many["Records"][0]
    many["Records"] = [
        {**record, "s3": {**record["s3"], "object": {**record["s3"]["object"], "sequencer": f"{n:04X}"}}}
        for n in range(60)
    ]

    assert len(handler(many, context)["started"]) == 60

    assert len(daemon.documents()) == 120
    assert trouble(log_lines)[0] == 0
    deaf_xray.setblocking(False)
    deaf_xray.accept(), deaf_xray.accept()  # two attempts for the first batch, none for the others
    with pytest.raises(BlockingIOError):
        deaf_xray.accept()


@pytest.mark.parametrize(("rate", "sampled"), [("nonsense", "1"), ("nan", "1"), ("7", "1"), ("-1", "0")])
def test_a_malformed_rate_traces_everything(
    aws: FakeAws, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch, rate: str, sampled: str
) -> None:
    monkeypatch.setenv("TRACE_SAMPLING_RATE", rate)

    handler(event("s3_put"), context)

    assert aws.starts[0].header.endswith(f"Sampled={sampled}")
