# SPDX-License-Identifier: Apache-2.0
"""X-Ray's OTLP endpoint for tests: checks the signature as AWS documents it, with code of its own.

Source: "Create a signed AWS API request", AWS Identity and Access Management user guide.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import re
from http.server import BaseHTTPRequestHandler

from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.serving import Serving

ACCESS_KEY, SECRET_KEY, TOKEN, REGION = "AKIDEXAMPLE", "secret/of+test", "session-token", "eu-west-1"
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<scope>\S+), SignedHeaders=(?P<names>\S+), "
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


class XRayOtlp(Serving):
    """Takes OTLP on ``/v1/traces`` when it is signed for X-Ray in the region, else says what is wrong.

    Attributes
    ----------
    spans
        Names of the spans taken.
    faults
        Why requests were refused.
    """

    def __init__(self, *, answer: tuple[int, str] = (200, "")) -> None:
        self.spans: list[str] = []
        self.faults: list[str] = []
        self.paths: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.paths.append(self.path)
                fault = _fault(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                status, text = (403, fault) if fault else answer
                if fault:
                    owner.faults.append(fault)
                elif status == 200 and self.path == "/v1/traces":
                    packed = self.headers["Content-Encoding"] == "gzip"
                    owner.spans += _names(gzip.decompress(body) if packed else body)
                content = b"" if status == 200 else Status(message=text).SerializeToString()
                if self.path == "/TraceSegments":
                    status, content = 200, b'{"UnprocessedTraceSegments": []}'
                self.send_response(status)
                self.send_header("Content-Type", "application/x-protobuf")  # as OTLP demands of refusals too
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        super().__init__(Handler)


def _names(body: bytes) -> list[str]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        span.name for group in request.resource_spans for scope in group.scope_spans for span in scope.spans
    ]


def _fault(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    found = _HEADER.fullmatch(headers.get("authorization", ""))
    if found is None:
        return "no signature"
    day = headers.get("x-amz-date", "")[:8]
    if found["scope"] != f"{ACCESS_KEY}/{day}/{REGION}/xray/aws4_request":
        return f"signed for {found['scope']}"
    names = found["names"].split(";")
    if not {"host", "x-amz-date", "x-amz-security-token", "content-type"} <= set(names):
        return f"signed headers are {names}"
    if headers["x-amz-security-token"] != TOKEN:
        return "another session"
    lines = [f"{name}:{headers[name].strip()}" for name in names]
    digest = hashlib.sha256(body).hexdigest()
    canonical = "\n".join((method, path, "", *lines, "", found["names"], digest))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    scope = f"{day}/{REGION}/xray/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", headers["x-amz-date"], scope, digest))
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (day, REGION, "xray", "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return "" if hmac.compare_digest(key.hex(), found["signature"]) else "the signature is wrong"
