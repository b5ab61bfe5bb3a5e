# SPDX-License-Identifier: Apache-2.0
"""A real collector behind the stand-in; here a script that answers as one does."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.xray.collector import Collector
from local_cloud.xray.collector.deployed import DeployedCollector
from local_cloud.xray.collector.process import CollectorError, signals
from local_cloud.xray.faults import Fault

_SCRIPT = """#!{python}
import http.server, json, os, sys
if "broken" in os.environ["AOT_CONFIG_CONTENT"]:
    sys.exit("no such part: broken")

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"panic":
            self.close_connection = True
            return
        told = {{**dict(self.headers), "body": body.hex(), "xray": os.environ["XRAY_ENDPOINT"]}}
        content = json.dumps({{**told, "level": os.environ.get("LEVEL")}}).encode()
        self.send_response(503 if body == b"busy" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Retry-After", "3")
        self.end_headers()
        self.wfile.write(content)

host, port = os.environ["OTLP_HTTP_ENDPOINT"].split(":")
server = http.server.HTTPServer((host, int(port)), Handler)
print("Everything is ready", file=sys.stderr, flush=True)
server.serve_forever()
"""
_CONFIG = """
exporters:
  awsxray: {}
  awsemf: {}
service:
  pipelines:
    traces: {exporters: [awsxray]}
    metrics: {exporters: [awsemf]}
"""
_ENDPOINT = "http://127.0.0.1:1"


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    script = tmp_path / "otelcol"
    script.write_text(_SCRIPT.format(python=sys.executable))
    script.chmod(0o700)
    return script


@pytest.fixture
def deployed(binary: Path) -> Iterator[DeployedCollector]:
    found = DeployedCollector(binary=binary, endpoint=_ENDPOINT, token="")
    yield found
    found.close()


@pytest.fixture
def collector(deployed: DeployedCollector) -> Iterator[Collector]:
    def put(documents: list[str]) -> list[dict[str, str]]:
        raise AssertionError("The stand-in translated spans itself.")

    found = Collector(put=put, upstream=deployed.upstream)
    yield found
    found.close()


def _post(
    collector: Collector, path: str, body: bytes, headers: dict[str, str] | None = None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(collector.url.removeprefix("http://"), timeout=5)
    connection.request("POST", path, body, headers or {})
    return connection.getresponse()


def test_a_request_goes_through_as_it_is(deployed: DeployedCollector, collector: Collector) -> None:
    deployed.run({"AOT_CONFIG_CONTENT": _CONFIG, "LEVEL": "warn"})
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip", "Authorization": "no"}
    answer = _post(collector, "/v1/traces", b"\x1f\x8b no gzip", headers)
    told: dict[str, Any] = json.loads(answer.read())
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert bytes.fromhex(told["body"]) == b"\x1f\x8b no gzip"
    assert (told["Content-Type"], told["Content-Encoding"]) == ("application/x-protobuf", "gzip")
    assert "Authorization" not in told
    assert (told["xray"], told["level"]) == (_ENDPOINT, "warn")


def test_a_refusal_comes_back_and_no_answer_is_none(
    deployed: DeployedCollector, collector: Collector
) -> None:
    deployed.run({"AOT_CONFIG_CONTENT": _CONFIG})
    answer = _post(collector, "/v1/traces", b"busy")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
    with pytest.raises(http.client.RemoteDisconnected):
        _post(collector, "/v1/traces", b"panic")


def test_faults_come_first(deployed: DeployedCollector, collector: Collector) -> None:
    deployed.run({"AOT_CONFIG_CONTENT": _CONFIG})
    collector.set_fault(Fault(mode="status", status=429))
    assert _post(collector, "/v1/traces", b"x").status == 429


def test_what_the_collector_is_not_configured_for_stays_with_the_stand_in(
    deployed: DeployedCollector, collector: Collector
) -> None:
    deployed.run({"AOT_CONFIG_CONTENT": _CONFIG.replace("    metrics:", "    logs:")})
    assert _post(collector, "/v1/metrics", b"").status == 200
    assert collector.messages == [("/v1/metrics", b"")]


def test_it_runs_while_it_is_deployed(deployed: DeployedCollector) -> None:
    assert deployed.upstream("/v1/traces") is None
    deployed.run({"AOT_CONFIG_CONTENT": _CONFIG})
    first = deployed.upstream("/v1/traces")
    deployed.run({"AOT_CONFIG_CONTENT": _CONFIG})
    assert deployed.upstream("/v1/traces") == first
    deployed.run({"AOT_CONFIG_CONTENT": _CONFIG, "LEVEL": "warn"})
    assert deployed.upstream("/v1/traces") not in (None, first)
    deployed.run(None)
    assert deployed.upstream("/v1/traces") is None


def test_a_configuration_that_it_does_not_take_is_told(deployed: DeployedCollector) -> None:
    with pytest.raises(CollectorError, match="no such part: broken"):
        deployed.run({"AOT_CONFIG_CONTENT": _CONFIG + "  extensions: [broken]"})
    assert deployed.upstream("/v1/traces") is None


def test_what_a_configuration_takes_is_read_from_its_pipelines() -> None:
    assert signals(_CONFIG) == {"traces", "metrics"}
    assert signals("service: {pipelines: {traces/two: {}}}") == {"traces"}
