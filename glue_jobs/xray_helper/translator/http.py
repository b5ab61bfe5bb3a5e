# SPDX-License-Identifier: Apache-2.0
"""The ``http`` and ``sql`` blocks of a segment (the exporter's translator/http.go, sql.go)."""

from __future__ import annotations

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

from xray_helper.translator.values import Attributes, text, whole, without_empty

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

# Old spelling -> the one of today: both conventions are met in the wild.
_RENAMED: Final = {
    http.HTTP_METHOD: http.HTTP_REQUEST_METHOD,
    http.HTTP_CLIENT_IP: client.CLIENT_ADDRESS,
    http.HTTP_USER_AGENT: USER_AGENT_ORIGINAL,
    http.HTTP_STATUS_CODE: http.HTTP_RESPONSE_STATUS_CODE,
    http.HTTP_URL: url.URL_FULL,
    http.HTTP_SCHEME: url.URL_SCHEME,
    http.HTTP_TARGET: url.URL_PATH,
    http.HTTP_HOST: "host",
    http.HTTP_SERVER_NAME: server.SERVER_ADDRESS,
    net.NET_HOST_NAME: server.SERVER_ADDRESS,
    net.NET_HOST_PORT: server.SERVER_PORT,
    net.NET_PEER_NAME: server.SERVER_ADDRESS,
    net.NET_PEER_PORT: server.SERVER_PORT,
    net.NET_PEER_IP: network.NETWORK_PEER_ADDRESS,
}
_HTTP_KEYS: Final = frozenset(
    {*_RENAMED, *_RENAMED.values(), url.URL_QUERY, network.NETWORK_PEER_PORT, HOST_NAME} - {"host"}
)
# Addresses alone are no HTTP call (a database has them too).
_SAYS_HTTP: Final = frozenset(
    {
        *(
            http.HTTP_REQUEST_METHOD,
            http.HTTP_RESPONSE_STATUS_CODE,
            client.CLIENT_ADDRESS,
            USER_AGENT_ORIGINAL,
        ),
        *(url.URL_FULL, url.URL_SCHEME, url.URL_PATH, "host"),
    }
)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_SQL_SYSTEMS: Final = frozenset(
    {
        *("db2", "derby", "hive", "mariadb", "mssql", "mysql"),
        *("oracle", "postgresql", "sqlite", "teradata", "other_sql"),
    }
)
_SQL_KEYS: Final = frozenset({db.DB_CONNECTION_STRING, db.DB_SYSTEM, db.DB_NAME, db.DB_STATEMENT, db.DB_USER})


def http_block(span: ReadableSpan) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split off the HTTP call; returns the attributes that are left, and the block or None."""
    attributes = span.attributes or {}
    left = {key: value for key, value in attributes.items() if key not in _HTTP_KEYS}
    known = {_RENAMED.get(key, key): value for key, value in attributes.items() if key in _HTTP_KEYS}
    if not known.keys() & _SAYS_HTTP:
        return left, None
    forwarded = text(known.get(client.CLIENT_ADDRESS))
    request = {
        "method": text(known.get(http.HTTP_REQUEST_METHOD)),
        "url": _url(known),
        "user_agent": text(known.get(USER_AGENT_ORIGINAL)),
        "client_ip": forwarded or text(known.get(network.NETWORK_PEER_ADDRESS)),
        "x_forwarded_for": True if forwarded else None,
    }
    response = {"status": whole(known.get(http.HTTP_RESPONSE_STATUS_CODE)) or None, "content_length": 0}
    if span.kind is SpanKind.CLIENT:
        request["x_forwarded_for"] = None
    return left, {"request": without_empty(request), "response": without_empty(response)}


def _url(known: Attributes) -> str:
    if full := text(known.get(url.URL_FULL)):
        return full
    host = text(known.get("host"))
    name = host or text(known.get(server.SERVER_ADDRESS)) or text(known.get(HOST_NAME))
    name = name or text(known.get(network.NETWORK_PEER_ADDRESS))
    if not name:
        return ""
    scheme = text(known.get(url.URL_SCHEME)) or "http"
    port = "" if host else str(known.get(server.SERVER_PORT, ""))
    authority = f"{name}:{port}" if port and port != _DEFAULT_PORTS.get(scheme) else name
    query = text(known.get(url.URL_QUERY)).removeprefix("?")
    return f"{scheme}://{authority}{text(known.get(url.URL_PATH)) or '/'}" + (f"?{query}" if query else "")


def sql_block(span: ReadableSpan, attributes: Attributes) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split off an SQL query; returns the attributes that are left, and the block or None."""
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
