# SPDX-License-Identifier: Apache-2.0
"""Spans that no one thought of: random, but the same in every run with the same seed.

Two spellings of one field on the same span are left out: the collector then takes the one that Go's map gives
last. A map has no order, so two runs of the collector itself differ.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from tests.integration.conformance.aws_cases import AWS_RESOURCES
from tests.integration.conformance.building import ENDED, JOB, PARENT, STARTED, case, exception, link
from tests.integration.conformance.cause_cases import STACKS

SEED = 20_261_121
COUNT = 1_000
_SIGNS = "abcXYZ019 _.:/%&#=+-@()*\\\"'<>{}\tüß東🚀\u0301٣"
# At most one of each group is on a span.
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("http.method", "http.request.method"),
    ("http.status_code", "http.response.status_code"),
    ("http.url", "url.full"),
    ("http.scheme", "url.scheme"),
    ("http.target", "url.path"),
    ("net.peer.name",),
    ("net.peer.port",),
    ("net.host.port", "server.port"),
    ("http.host",),
    ("server.address",),
    ("client.address", "http.client_ip"),
    ("user_agent.original", "http.user_agent"),
    ("aws.request_id", "aws.requestId"),
    ("aws.operation", "rpc.method"),
    ("rpc.system",),
    ("rpc.service",),
    ("aws.service",),
    ("peer.service",),
    ("db.system",),
    ("db.name",),
    ("db.statement",),
    ("enduser.id",),
    ("aws.remote.service",),
    ("aws.local.service",),
    ("aws.region",),
    ("aws.xray.metadata.spark",),
)
_NUMBERS = {"http.status_code", "http.response.status_code", "net.peer.port", "net.host.port", "server.port"}
_SERVICES = ["orders", "a.example", "(odd)"]
_AWS_SERVICES = ["S3", "AWS::S3", "AWS.SDK.DynamoDB"]
_TEXTS = {
    "peer.service": _SERVICES,
    "aws.local.service": _SERVICES,
    "db.name": _SERVICES,
    "http.host": _SERVICES,
    "rpc.service": _SERVICES,
    "net.peer.name": _SERVICES,
    "aws.remote.service": _AWS_SERVICES,
    "aws.service": _AWS_SERVICES,
    "rpc.system": ["aws-api", "grpc"],
    "db.system": ["postgresql", "redis", "hive"],
    "aws.xray.metadata.spark": ['{"a": [1, null]}', "[]", "{"],
    "client.address": ["192.0.2.1", "name.example"],
    "http.url": ["https://a.example/b?c"],
    "url.full": ["https://a.example/b?c"],
}


def random_spans(count: int = COUNT, seed: int = SEED) -> Iterator[tuple[str, ReadableSpan]]:
    """Give ``count`` spans with their names."""
    for number in range(count):
        name = f"random {seed}/{number}"
        yield name, _span(random.Random(name), name)  # noqa: S311 - no secret


def _span(chance: random.Random, name: str) -> ReadableSpan:
    start = STARTED + chance.randrange(10**9)
    attributes = _attributes(chance)
    resource = {**JOB, **chance.choice(list(AWS_RESOURCES.values())), **_free(chance, 2)}
    if resource["cloud.provider"] != "aws":
        attributes.pop("aws.span.kind", None)  # that kills the collector, see crash_cases
    if attributes and chance.random() < 0.5:
        attributes["aws.xray.annotations"] = chance.sample(
            list(attributes), chance.randint(1, len(attributes))
        )
    return case(
        name,
        attributes,
        name=_text(chance, 260 if chance.random() < 0.1 else 30),
        kind=chance.choice(list(SpanKind)),
        parent=PARENT if chance.random() < 0.8 else None,
        resource=resource,
        events=[_event(chance) for _ in range(chance.choice((0, 0, 1, 3)))],
        links=[link(n, _free(chance, 2)) for n in range(chance.choice((0, 0, 0, 1, 4)))],
        status=_status(chance),
        start=start,
        end=chance.choice((start, start + 1, start + chance.randrange(10**12), ENDED)),
    )


def _attributes(chance: random.Random) -> dict[str, Any]:
    found = _free(chance, 6)
    for group in chance.sample(_GROUPS, chance.choice((0, 1, 3, 6))):
        key = chance.choice(group)
        if chance.random() < 0.1:
            found[key] = _value(chance)  # a type that no one expects there
        elif key in _NUMBERS:
            found[key] = chance.choice((80, 200, 404, 429, 443, 503, 8080))
        else:
            found[key] = chance.choice(_TEXTS.get(key, [_text(chance, 12)]))
    if chance.random() < 0.05:
        found["aws.span.kind"] = "LOCAL_ROOT"
    return found


def _free(chance: random.Random, most: int) -> dict[str, Any]:
    """Make attributes under keys that stay different when X-Ray's rules have cleaned them."""
    return {f"k{n}{_text(chance, 5)}": _value(chance) for n in range(chance.randint(0, most))}


def _value(chance: random.Random) -> Any:
    kinds: list[Callable[[], Any]] = [
        lambda: _text(chance, 20),
        lambda: chance.randint(-(2**63), 2**63 - 1),
        lambda: chance.uniform(-1e6, 1e6),
        lambda: chance.random() < 0.5,
        lambda: [_text(chance, 5) for _ in range(chance.randint(0, 3))],
        lambda: [chance.randint(-9, 9) for _ in range(chance.randint(0, 3))],
    ]
    return chance.choice(kinds)()


def _text(chance: random.Random, most: int) -> str:
    return "".join(chance.choice(_SIGNS) for _ in range(chance.randint(0, most)))


def _status(chance: random.Random) -> Status:
    code = chance.choice(list(StatusCode))
    return Status(code, _text(chance, 20) if code is StatusCode.ERROR and chance.random() < 0.7 else None)


def _event(chance: random.Random) -> Event:
    if chance.random() < 0.5:
        return Event(_text(chance, 8) or "event", _free(chance, 2), STARTED + 1)
    stack = chance.choice([None, *STACKS.values()])
    return exception(chance.choice((None, "builtins.ValueError")), _text(chance, 20), stack)
