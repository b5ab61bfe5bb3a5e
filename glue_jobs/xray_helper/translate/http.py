# SPDX-License-Identifier: Apache-2.0
"""The ``http`` and ``sql`` blocks of a segment (the exporter's translator/http.go, sql.go)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.semconv._incubating.attributes import db_attributes as db
from opentelemetry.semconv._incubating.attributes import http_attributes as http
from opentelemetry.semconv._incubating.attributes import net_attributes as net
from opentelemetry.semconv._incubating.attributes.host_attributes import HOST_NAME
from opentelemetry.semconv.attributes import client_attributes as client
from opentelemetry.semconv.attributes import network_attributes as network
from opentelemetry.semconv.attributes import server_attributes as server
from opentelemetry.semconv.attributes import url_attributes as url
from opentelemetry.semconv.attributes.user_agent_attributes import USER_AGENT_ORIGINAL
from opentelemetry.trace import SpanKind

from xray_helper.translate.values import Attributes, text, whole, without_empty

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

# Two generations of conventions are met in the wild; of two spellings of one field the later one here wins.
_METHOD: Final = (http.HTTP_METHOD, http.HTTP_REQUEST_METHOD)
_STATUS: Final = (http.HTTP_STATUS_CODE, http.HTTP_RESPONSE_STATUS_CODE)
_USER_AGENT: Final = (http.HTTP_USER_AGENT, USER_AGENT_ORIGINAL)
_URL: Final = (http.HTTP_URL, url.URL_FULL)
_SCHEME: Final = (http.HTTP_SCHEME, url.URL_SCHEME)
# Where a URL's host and port are looked for, when nobody gave the URL: first what is found first.
_SERVER_HOST: Final = (http.HTTP_SERVER_NAME, net.NET_HOST_NAME, HOST_NAME, server.SERVER_ADDRESS)
_SERVER_PORT: Final = (net.NET_HOST_PORT, server.SERVER_PORT)
_CLIENT_HOST: Final = (net.NET_PEER_NAME, net.NET_PEER_IP)
_CLIENT_PORT: Final = (net.NET_PEER_PORT,)
_HOST: Final = frozenset({*_URL, http.HTTP_HOST, *_SERVER_HOST, *_CLIENT_HOST})
# Addresses alone are no HTTP call (a database has them too).
_SAYS_HTTP: Final = frozenset(
    {
        *(*_METHOD, *_STATUS, *_USER_AGENT, *_URL, *_SCHEME, http.HTTP_HOST, http.HTTP_SERVER_NAME),
        *(http.HTTP_TARGET, url.URL_PATH, url.URL_QUERY, http.HTTP_CLIENT_IP, net.NET_HOST_PORT),
    }
)
_HTTP_KEYS: Final = frozenset(
    {
        *(*_SAYS_HTTP, *_HOST, *_SERVER_PORT, *_CLIENT_PORT),
        *(client.CLIENT_ADDRESS, network.NETWORK_PEER_ADDRESS),
    }
)
_MESSAGE_TYPE: Final = "message.type"
_MESSAGE_SIZE: Final = "messaging.message_payload_size_bytes"
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_SQL_SYSTEMS: Final = frozenset(
    {
        *("db2", "derby", "hive", "mariadb", "mssql", "mysql"),
        *("oracle", "postgresql", "sqlite", "teradata", "other_sql"),
    }
)
_SQL_KEYS: Final = frozenset({db.DB_CONNECTION_STRING, db.DB_SYSTEM, db.DB_NAME, db.DB_STATEMENT, db.DB_USER})


def http_block(span: ReadableSpan) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split off the HTTP call; return the attributes that are left, and the block or None."""
    attributes = span.attributes or {}
    left = {key: value for key, value in attributes.items() if key not in _HTTP_KEYS}
    known = {key: value for key, value in attributes.items() if key in _HTTP_KEYS}
    if not known.keys() & _SAYS_HTTP:
        return left, None
    caller = text(known.get(http.HTTP_CLIENT_IP)) or _ip(known.get(client.CLIENT_ADDRESS))
    peer = text(known.get(net.NET_PEER_IP)) or _ip(known.get(network.NETWORK_PEER_ADDRESS))
    request = {
        "method": text(_last(known, _METHOD)),
        "url": _url(known, is_server=span.kind is SpanKind.SERVER),
        "user_agent": text(_last(known, _USER_AGENT)),
        "client_ip": caller or peer,
        "x_forwarded_for": True if caller and not peer else None,
    }
    status = _last(known, _STATUS)
    response = {
        "status": None if status is None else whole(status),
        "content_length": next(filter(None, map(_size, (attributes, *_events(span)))), 0),
    }
    return left, {"request": without_empty(request), "response": response}


def _url(known: Attributes, *, is_server: bool) -> str:
    """Return the URL, put together from its parts where it must be (translator/http.go, construct...URL)."""
    full = _last(known, _URL)
    if full is not None or (not known.keys() & _HOST and not _ip(known.get(network.NETWORK_PEER_ADDRESS))):
        return text(full)
    named = _last(known, _SCHEME)
    scheme = "http" if named is None else text(named)
    authority = text(known.get(http.HTTP_HOST))
    if http.HTTP_HOST not in known:
        hosts, ports = (_SERVER_HOST, _SERVER_PORT) if is_server else (_CLIENT_HOST, _CLIENT_PORT)
        authority, port = text(_first(known, hosts)), _first(known, ports)
        if port is not None and _port(port) != _DEFAULT_PORTS.get(scheme):
            authority += f":{_port(port)}"
    if http.HTTP_TARGET in known:
        return f"{scheme}://{authority}{text(known[http.HTTP_TARGET])}"
    query = text(known.get(url.URL_QUERY)).removeprefix("?")
    return f"{scheme}://{authority}{text(known.get(url.URL_PATH, '/'))}" + (f"?{query}" if query else "")


def _first(known: Attributes, keys: Sequence[str]) -> Any:
    return next((known[key] for key in keys if key in known), None)


def _last(known: Attributes, keys: Sequence[str]) -> Any:
    return _first(known, keys[::-1])


def _ip(value: object) -> str:
    """Read an address; names and sockets count as absent."""
    try:
        return str(value) if ip_address(text(value)) else ""
    except ValueError:
        return ""


def _port(value: object) -> str:
    return text(value) or str(whole(value))


def _events(span: ReadableSpan) -> Iterator[Attributes]:
    return (event.attributes or {} for event in span.events)


def _size(attributes: Attributes) -> int:
    """Read how much was received, which a span or one of its events may say."""
    received = attributes.get(_MESSAGE_TYPE) == "RECEIVED"
    return whole(attributes.get(_MESSAGE_SIZE)) if received else 0


def sql_block(span: ReadableSpan, attributes: Attributes) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split off an SQL query; return the attributes that are left, and the block or None."""
    system = text(attributes.get(db.DB_SYSTEM))
    if system not in _SQL_SYSTEMS:
        return dict(attributes), None
    left = {key: value for key, value in attributes.items() if key not in _SQL_KEYS}
    connection = text(attributes.get(db.DB_CONNECTION_STRING)) or "localhost"
    return left, without_empty(
        {
            "url": span.name,
            "connection_string": f"{connection}/{text(attributes.get(db.DB_NAME))}",
            "database_type": system,
            "user": text(attributes.get(db.DB_USER)),
            "sanitized_query": text(attributes.get(db.DB_STATEMENT)),
        }
    )
