# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.retries.standard
import pytest

from start_pipeline import step_functions, xray
from start_pipeline.json_log import log
from xray_common.json_lines import JsonLines

from .fake_aws import AwsServer, Daemon, FakeAws

EVENTS = Path(__file__).parents[2] / "events"
STATE_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:pipeline"


@dataclass
class Context:
    """Lambda's context object; ``remaining`` are its answers on the time left, the last one for ever."""

    remaining: list[int]
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    function_name: str = "start-pipeline"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:start-pipeline"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining.pop(0) if len(self.remaining) > 1 else self.remaining[0]


@pytest.fixture
def context() -> Context:
    return Context(remaining=[60_000])


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """Read one of tests/events by its name."""

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
        return found

    return read


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    daemon = Daemon()
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.address)
    yield daemon
    daemon.close()


@pytest.fixture
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set what Lambda sets, but for the trace header; start with no clients and leave none behind."""
    for name, value in {
        "AWS_LAMBDA_FUNCTION_NAME": "start-pipeline",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "STATE_MACHINE_ARN": STATE_MACHINE,
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("_X_AMZN_TRACE_ID", "TRACE_SAMPLING_RATE", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    _forget_clients()
    yield
    _forget_clients()


def _forget_clients() -> None:
    step_functions.client.cache_clear()
    xray._client.cache_clear()


@pytest.fixture
def aws(lambda_environment: None, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """Put our AWS behind the standard endpoint variable; retries wait for nothing."""
    monkeypatch.setattr(botocore.retries.standard.ExponentialBackoff, "delay_amount", lambda *_: 0)
    fake = FakeAws()
    with AwsServer(fake) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield fake


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Collect the log as parsed lines."""
    lines: list[dict[str, Any]] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    handler = Collect()
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)
