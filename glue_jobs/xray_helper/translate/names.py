# SPDX-License-Identifier: Apache-2.0
"""The name and the namespace of a segment.

X-Ray names segments after services, spans are named after operations: the collector's ``awsxray`` exporter
looks for a service name first (translator/segment.go, MakeSegment) and so does this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from opentelemetry.semconv._incubating.attributes.cloud_attributes import CloudProviderValues
from opentelemetry.semconv._incubating.attributes.db_attributes import DB_CONNECTION_STRING, DB_NAME
from opentelemetry.semconv._incubating.attributes.http_attributes import HTTP_HOST
from opentelemetry.semconv._incubating.attributes.net_attributes import NET_PEER_NAME
from opentelemetry.semconv._incubating.attributes.peer_attributes import PEER_SERVICE
from opentelemetry.semconv._incubating.attributes.rpc_attributes import RPC_SERVICE, RPC_SYSTEM
from opentelemetry.semconv.attributes.service_attributes import SERVICE_NAME
from opentelemetry.trace import SpanKind

from xray_helper.translate.values import Attributes, text

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

MAX_NAME_LENGTH: Final = 200  # UTF-8 bytes; X-Ray's limit is 200 characters
NAMESPACE_AWS: Final = CloudProviderValues.AWS.value
NAMESPACE_REMOTE: Final = "remote"

# Attributes that only the X-Ray exporter knows; OpenTelemetry has no constants for them.
AWS_SERVICE: Final = "aws.service"
AWS_LOCAL_SERVICE: Final = "aws.local.service"
AWS_REMOTE_SERVICE: Final = "aws.remote.service"
AWS_SPAN_KIND: Final = "aws.span.kind"
LOCAL_ROOT: Final = "LOCAL_ROOT"
_AWS_API: Final = "aws-api"
_NAME_WITHOUT_LEGAL_CHARACTER: Final = "span"
_LEGAL_SYMBOLS: Final = frozenset(" 0123456789_.:/%&#=+-@")
_CALL_KINDS: Final = (SpanKind.CLIENT, SpanKind.PRODUCER)
_DEPENDENCY_KINDS: Final = (*_CALL_KINDS, SpanKind.CONSUMER)
_SERVICE_PREFIXES: Final = ("AWS.SDK.", "AWS::")


def clean_name(name: str) -> str:
    """Keep the characters X-Ray allows in a name, at most 200 bytes of them.

    Allowed are letters, digits, blanks and ``_ . : / % & # = + - @`` (X-Ray developer guide, "Segment
    documents", field ``name``; the guide also lists the backslash, which the exporter takes out).

    Examples
    --------
    >>> clean_name("Rank (by price)*")
    'Rank by price'
    >>> clean_name("***")
    'span'
    """
    legal = "".join(char for char in name if char in _LEGAL_SYMBOLS or char.isalpha())
    cut = legal.encode()[:MAX_NAME_LENGTH].decode(errors="ignore")
    return cut or _NAME_WITHOUT_LEGAL_CHARACTER


def segment_name(span: ReadableSpan) -> str:
    """Name the segment of a span: the first service name found, else the span's own name."""
    attributes = span.attributes or {}
    candidates = (
        _xray_service(span, attributes),
        text(attributes.get(PEER_SERVICE)),
        text(attributes.get(AWS_SERVICE)),
        _database(attributes),
        text(span.resource.attributes.get(SERVICE_NAME)) if span.kind is SpanKind.SERVER else "",
        text(attributes.get(RPC_SERVICE)),
        text(attributes.get(HTTP_HOST)),
        text(attributes.get(NET_PEER_NAME)),
    )
    return clean_name(next(filter(None, candidates), span.name))


def segment_namespace(span: ReadableSpan) -> str | None:
    """``aws`` for calls of the AWS SDK, ``remote`` for other calls and messages sent, None for the rest."""
    attributes = span.attributes or {}
    if is_aws_call(attributes) or _names_aws_service(span, attributes):
        return NAMESPACE_AWS
    return NAMESPACE_REMOTE if span.kind in _CALL_KINDS else None


def is_aws_call(attributes: Attributes) -> bool:
    """Return whether a span is a call of the AWS SDK."""
    return attributes.get(RPC_SYSTEM) == _AWS_API


def _names_aws_service(span: ReadableSpan, attributes: Attributes) -> bool:
    """``aws.service`` counts only where it also becomes the name, as in the exporter."""
    has_name = _xray_service(span, attributes) or text(attributes.get(PEER_SERVICE))
    return not has_name and AWS_SERVICE in attributes


def _xray_service(span: ReadableSpan, attributes: Attributes) -> str:
    is_local_root = attributes.get(AWS_SPAN_KIND) == LOCAL_ROOT
    if span.kind is SpanKind.SERVER or (span.kind is SpanKind.INTERNAL and is_local_root):
        return text(attributes.get(AWS_LOCAL_SERVICE))
    if span.kind not in _DEPENDENCY_KINDS:
        return ""
    name = text(attributes.get(AWS_REMOTE_SERVICE))
    prefix = next(filter(name.startswith, _SERVICE_PREFIXES), "") if is_aws_call(attributes) else ""
    return name.removeprefix(prefix)


def _database(attributes: Attributes) -> str:
    name = text(attributes.get(DB_NAME))
    url = text(attributes.get(DB_CONNECTION_STRING)).removeprefix("jdbc:")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # a connection string need not be a URL
        return name
    start = parts.netloc.lower().rfind(host)  # as it was written: ``hostname`` has no capitals
    return f"{name}@{parts.netloc[start : start + len(host)]}" if name and host else name
