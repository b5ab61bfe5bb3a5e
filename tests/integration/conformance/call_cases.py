# SPDX-License-Identifier: Apache-2.0
"""Spans about calls: HTTP in both generations of OpenTelemetry's conventions, databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tests.integration.conformance.building import case

_HTTP: dict[str, dict[str, Any]] = {
    "old, full url": {"http.method": "GET", "http.url": "https://a.example/b?c=d", "http.status_code": 200},
    "new, full url": {
        "http.request.method": "GET",
        "url.full": "https://a.example/b",
        "http.response.status_code": 200,
    },
    "old, host and target": {
        "http.method": "GET",
        "http.scheme": "https",
        "http.host": "a:8443",
        "http.target": "/b?c",
    },
    "old, peer name and port": {
        "http.method": "POST",
        "net.peer.name": "a",
        "net.peer.port": 8080,
        "http.target": "/b",
    },
    "old, peer address": {"http.method": "POST", "net.peer.ip": "10.0.0.1", "net.peer.port": 80},
    "old, https port": {"http.scheme": "https", "net.peer.name": "a", "net.peer.port": 443},
    "old, https on 80": {"http.scheme": "https", "net.peer.name": "a", "net.peer.port": 80},
    "old, port as text": {"http.method": "GET", "net.peer.name": "a", "net.peer.port": "8080"},
    "old, server name": {
        "http.method": "GET",
        "http.server_name": "s",
        "net.host.port": 8080,
        "http.target": "/b",
    },
    "old, host name": {"http.method": "GET", "net.host.name": "h", "net.host.port": 8080},
    "old, machine": {"http.method": "GET", "host.name": "machine", "net.host.port": 80},
    "new, server address": {
        "http.request.method": "GET",
        "server.address": "s",
        "server.port": 8080,
        "url.path": "/p",
    },
    "new, query": {
        "http.request.method": "GET",
        "url.scheme": "https",
        "server.address": "s",
        "url.query": "a=b",
    },
    "new, query with mark": {
        "url.scheme": "https",
        "server.address": "s",
        "url.path": "/p",
        "url.query": "?a=b",
    },
    "path alone": {"url.path": "/p"},
    "client address": {"http.request.method": "GET", "client.address": "192.0.2.1"},
    "client name": {"http.request.method": "GET", "client.address": "client.example"},
    "client address alone": {"client.address": "192.0.2.1"},
    "client and peer": {"http.method": "GET", "http.client_ip": "192.0.2.1", "net.peer.ip": "10.0.0.1"},
    "peer before client": {"net.peer.ip": "10.0.0.1", "http.client_ip": "192.0.2.1"},
    "network peer": {
        "http.request.method": "GET",
        "network.peer.address": "10.0.0.2",
        "network.peer.port": 5,
    },
    "network peer, a socket": {"http.request.method": "GET", "network.peer.address": "/run/x.sock"},
    "user agent": {"user_agent.original": "curl/8"},
    "user agent, old": {"http.user_agent": "curl/7"},
    "addresses alone": {"net.peer.name": "db", "net.peer.port": 5432, "server.address": "db"},
    "host port alone": {"net.host.port": 8080},
    "method as number": {"http.method": 5},
    "status as text": {"http.status_code": "404"},
    "size": {"http.method": "GET", "message.type": "RECEIVED", "messaging.message_payload_size_bytes": 452},
    "flavor and route": {
        "http.method": "GET",
        "http.flavor": "1.1",
        "http.route": "/b/:id",
        "http.status_text": "OK",
    },
}
_DATABASES: dict[str, dict[str, Any]] = {
    "postgresql": {
        "db.system": "postgresql",
        "db.name": "sales",
        "db.connection_string": "postgresql://db.example:5432",
        "db.user": "jane",
        "db.statement": "SELECT 1",
    },
    "jdbc": {
        "db.system": "mysql",
        "db.name": "sales",
        "db.connection_string": "jdbc:mysql://db.dev.example:3306",
    },
    "no connection string": {"db.system": "hive", "db.name": "sales"},
    "no name": {"db.system": "mssql", "db.statement": "SELECT 1"},
    "not SQL": {"db.system": "redis", "db.name": "0", "db.statement": "GET x"},
    "no system": {"db.name": "sales", "db.connection_string": "db.example"},
    "odd connection string": {"db.name": "sales", "db.connection_string": "Server=db;Port=1"},
    "address with brackets": {"db.name": "sales", "db.connection_string": "jdbc:x://[::1]:3306/a"},
    "capitals": {"db.name": "sales", "db.connection_string": "jdbc:mysql://DB.Example:3306"},
    "name as number": {"db.system": "mysql", "db.name": 5},
}


def call_cases() -> Iterator[tuple[str, ReadableSpan]]:
    """Give the cases about calls."""
    for name, attributes in _HTTP.items():
        for kind in (SpanKind.CLIENT, SpanKind.SERVER, SpanKind.INTERNAL):
            full = f"http {name} {kind.name}"
            yield full, case(full, attributes, kind=kind)
    for status in (0, 200, 302, 399, 400, 404, 429, 499, 500, 503, 599, 600):
        for key in ("http.status_code", "http.response.status_code"):
            full = f"{key} {status}"
            yield full, case(full, {key: status}, kind=SpanKind.CLIENT)
    for name, attributes in _DATABASES.items():
        for kind in (SpanKind.CLIENT, SpanKind.INTERNAL):
            full = f"database {name} {kind.name}"
            yield full, case(full, attributes, kind=kind, name="query sales")
