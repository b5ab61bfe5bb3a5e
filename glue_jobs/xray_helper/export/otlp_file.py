# SPDX-License-Identifier: Apache-2.0
"""All spans of a job in one file, uncut, for viewers that take more of a trace than X-Ray does.

The format is that of OpenTelemetry's file exporter: JSON lines, each an OTLP ``TracesData`` object, ids as
hexadecimal text ("OpenTelemetry Protocol File Exporter", "JSON Protobuf Encoding" of the specification).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from xray_common.ids import span_id_from_int, trace_id_from_int
from xray_helper.export.files import write_file

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_SPANS_PER_LINE: Final = 500
_IDS: Final = ("traceId", "spanId", "parentSpanId")


def write_otlp_file(spans: Sequence[ReadableSpan], folder: str, *, seconds: float) -> str:
    """Write spans into ``_trace-<trace id>-<id of the first span>.otlp.jsonl``; see ``write_file``.

    Parameters
    ----------
    spans
        One at least.
    """
    starts = range(0, len(spans), _SPANS_PER_LINE)
    lines = [json.dumps(_encoded(spans[start : start + _SPANS_PER_LINE])) for start in starts]
    context = spans[0].context
    name = f"_trace-{trace_id_from_int(context.trace_id)}-{span_id_from_int(context.span_id)}.otlp.jsonl"
    return write_file(folder, name, "".join(f"{line}\n" for line in lines).encode(), seconds=seconds)


def _encoded(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

    content: dict[str, Any] = MessageToDict(encode_spans(spans), use_integers_for_enums=True)
    for resource in content["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                _write_ids(span)
                for link in span.get("links", ()):
                    _write_ids(link)
    return content


def _write_ids(span: dict[str, Any]) -> None:
    """Protobuf's own JSON has bytes in base64."""
    for name in _IDS:
        if name in span:
            span[name] = base64.b64decode(span[name]).hex()
