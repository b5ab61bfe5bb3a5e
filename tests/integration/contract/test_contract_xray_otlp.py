# SPDX-License-Identifier: Apache-2.0
"""X-Ray's OTLP endpoint, signed, without a collector."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
import requests

from tests.integration.contract.xray_otlp import ACCESS_KEY, REGION, SECRET_KEY, TOKEN, XRayOtlp
from xray_helper import Settings, traced_job
from xray_helper.export.otlp import _reason
from xray_helper.export.sigv4 import XRayEndpoint

# What X-Ray answers where Transaction Search is off
REFUSAL = (400, "The OTLP API is supported with CloudWatch Logs as a Trace Segment Destination.")


@pytest.fixture(autouse=True)
def role(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def run_job() -> None:
    arguments = Settings.from_arguments(["--otlp_endpoint", "xray", "--job_name", "clean-job"])
    patient = replace(arguments, end_budget_s=60.0)  # the way is tested here, not the time
    with traced_job(settings=patient) as job, job.step("Read Data"):
        pass


def test_spans_arrive_signed_for_xray(monkeypatch: pytest.MonkeyPatch) -> None:
    with XRayOtlp() as xray:
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", xray.url)
        run_job()
    assert xray.faults == []
    assert sorted(xray.spans) == ["Read Data", "clean-job"]
    assert xray.paths == ["/v1/traces"]


def test_an_account_without_transaction_search_is_told_and_its_spans_are_put_as_segments(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with XRayOtlp(answer=REFUSAL) as xray, caplog.at_level(logging.INFO):
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", xray.url)
        run_job()
    assert xray.paths == ["/v1/traces", "/TraceSegments"]
    assert "answered 400: The OTLP API is supported with CloudWatch Logs" in caplog.text
    assert "made=2 sent=2 (collector=0 x-ray=2)" in caplog.text


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("application/x-protobuf", b"\x12\x05right", "right"),  # google.rpc.Status, field 2
        ("application/x-protobuf", b"\xff no protobuf", "\ufffd no protobuf"),
        ("text/plain", b"two\nlines", "twolines"),
    ],
)
def test_a_refusal_is_read_as_otlp_has_it_or_as_text(kind: str, content: bytes, told: str) -> None:
    reply = requests.Response()
    reply.headers["Content-Type"] = kind
    reply._content = content
    assert _reason(reply) == told


def test_a_wrong_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with XRayOtlp() as xray:
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", xray.url)
        run_job()
    assert xray.faults[0] == "the signature is wrong"


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://xray.us-east-2.amazonaws.com/v1/traces", "us-east-2"),
        ("https://xray.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("https://xray.eu-west-1.api.aws/", "eu-west-1"),
        ("https://xray-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ],
)
def test_xrays_urls_are_signed_for_their_region(endpoint: str, region: str) -> None:
    found = XRayEndpoint.find(endpoint)
    assert found is not None
    assert (found.url, found.region) == (endpoint, region)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://collector.internal:4318",
        "https://xray.us-east-2.amazonaws.com.example.org/v1/traces",  # nobody else gets a signed request
        "http://xray.us-east-2.amazonaws.com",  # nor a wire without encryption
        "https://example.org/https://xray.us-east-2.amazonaws.com",
        "https://xray.us-east-2.amazonaws.com:x@evil.example/v1/traces",  # a user of that name elsewhere
        "https://xray.us-east-2.amazonaws.com@evil.example",
        r"https://xray.us-east-2.amazonaws.com\@evil.example",
        "https://xray.us-east-2.amazonaws.com:443@evil.example:443/",
        "https://xray.us-east-2.amazonaws.com%2f@evil.example",
        "https://evil.example#xray.us-east-2.amazonaws.com",
        "https://evil.example?https://xray.us-east-2.amazonaws.com",
    ],
)
def test_every_other_endpoint_is_a_collector(endpoint: str) -> None:
    assert XRayEndpoint.find(endpoint) is None


@pytest.mark.parametrize("user", ["", "x", "x:y", "evil.example:443", "evil.example\\"])
def test_xrays_url_with_a_user_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match="nothing is signed"):
        XRayEndpoint.find(f"https://{user}@xray.us-east-2.amazonaws.com/v1/traces")
