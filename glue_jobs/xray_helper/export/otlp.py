# SPDX-License-Identifier: Apache-2.0
"""OTLP over HTTP to an OpenTelemetry collector, or to X-Ray itself.

All that it needs is imported with it, which ``delivery.warm_up`` does while the job runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult

from xray_helper.error_boundary import run_bounded
from xray_helper.export.sent import Sent
from xray_helper.export.sigv4 import XRayEndpoint

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_TRACES_PATH: Final = "/v1/traces"
_REASON_CHARACTERS: Final = 200  # of a refusal
_EXPORTER_SHARE: Final = 0.8  # of the time, so that as a rule it ends by itself and can say why


def send_to_collector(spans: Sequence[ReadableSpan], *, endpoint: str, seconds: float) -> Sent:
    """Send all spans in one request; what may pass (429, 502, 503, 504, connection) is tried again.

    OpenTelemetry's exporter bounds each socket operation; the thread bounds the whole, a collector that
    trickles its answer included. One that answers too late may have taken the spans: they are sent a second
    time by another way then, and X-Ray keeps one document per id.
    """
    sent = Sent(error=f"the collector {endpoint} gave no answer")

    def work() -> None:
        try:
            outcome = _export(spans, endpoint, seconds * _EXPORTER_SHARE)
        except Exception as error:
            outcome = Sent(error=f"the collector {endpoint} failed: {type(error).__name__}: {error}")
        sent.accepted, sent.rejected, sent.error = outcome.accepted, outcome.rejected, outcome.error

    if run_bounded(work, seconds=seconds, name="xray-otlp") == "late":
        return Sent(error=f"the collector {endpoint} gave no answer within {seconds:.1f} s")
    return sent


def _export(spans: Sequence[ReadableSpan], endpoint: str, seconds: float) -> Sent:
    xray = XRayEndpoint.find(endpoint)
    url, name = (endpoint, f"the collector {endpoint}") if xray is None else (xray.url, f"X-Ray's {xray.url}")
    replies: list[requests.Response] = []
    session = requests.Session()
    session.auth = xray
    session.hooks["response"].append(lambda reply, **_: replies.append(reply))
    exporter = OTLPSpanExporter(
        endpoint=url.rstrip("/").removesuffix(_TRACES_PATH) + _TRACES_PATH,
        timeout=seconds,
        session=session,
    )
    try:
        result = exporter.export(spans)
    finally:
        session.close()
    if result is not SpanExportResult.SUCCESS:
        why = f"answered {replies[-1].status_code}" if replies else "gave no answer"
        reason = "" if xray is None or not replies else f": {_reason(replies[-1])}"
        return Sent(error=f"{name} {why}{reason}")
    rejected = _rejected(replies[-1]) if replies else 0
    who = "the collector" if xray is None else "X-Ray"
    return Sent(True, rejected, f"{who} refused {rejected} spans" if rejected else "")


def _reason(reply: Any) -> str:
    """Read what X-Ray says in a refusal; where Transaction Search is off, that is what it says."""
    said = _status_message(reply) or reply.content.decode("utf-8", "replace")
    return "".join(letter for letter in said if letter.isprintable()).strip()[:_REASON_CHARACTERS]


def _status_message(reply: Any) -> str:
    """Read the message of a ``google.rpc.Status``, OTLP's form of a refusal; empty when the reply is none."""
    if "protobuf" not in str(reply.headers.get("Content-Type", "")):
        return ""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

    try:
        return str(Status.FromString(reply.content).message)
    except DecodeError:
        return ""


def _rejected(reply: Any) -> int:
    """Read how many spans a successful answer refused (OTLP's partial success)."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    if "protobuf" not in str(reply.headers.get("Content-Type", "")):
        return 0  # a proxy or a minimal collector may answer 200 with anything
    return int(ExportTraceServiceResponse.FromString(reply.content).partial_success.rejected_spans)
