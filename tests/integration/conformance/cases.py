# SPDX-License-Identifier: Apache-2.0
"""The spans that are compared by name: one for each way in which the documents could differ."""

from __future__ import annotations

from collections.abc import Iterator

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from tests.integration.conformance.aws_cases import aws_cases
from tests.integration.conformance.building import ENDED, JOB, PARENT, STARTED, case, exception, link
from tests.integration.conformance.call_cases import call_cases
from tests.integration.conformance.cause_cases import cause_cases

VALUES = {
    "text": "plain",
    "empty text": "",
    "text with signs": 'a "quoted" \\ <b>&amp; \n\t end',
    "unicode text": "Zürich 東京 🚀",
    "separators": "a\u2028b\u2029c",
    "control characters": "a\x00b\x1fc\x7f",
    "true": True,
    "false": False,
    "integer": 42,
    "zero": 0,
    "negative": -7,
    "above 2^53": 2**53 + 1,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "decimal": 0.1,
    "whole decimal": 3.0,
    "huge decimal": 1.5e300,
    "tiny decimal": 2.5e-9,
    "negative zero": -0.0,
    "texts": ["a", "", "ü"],
    "integers": [1, 2**62, -3],
    "decimals": [1.0, 2.5],
    "booleans": [True, False],
    "nothing in it": [],
    "bytes": b"\x00\xffab",
    "map": {"a": 1, "b": {"c": [1, 2]}},
}
NAMES = {
    "allowed signs": "a_b.c:d/e%f&g#h=i+j-k@l 9",
    "other signs": "Rank (by price)* [x] {y} <z> \"q\" 'r' ~ ^ ` | ; , ? ! $",
    "backslash": "a\\b",
    "line break": "two\nlines\tand a tab",
    "letters": "Zürich Ωμέγα 東京 русский",
    "digits of other scripts": "٣ ௩ Ⅷ ½ ²",
    "combining mark": "e\u0301a",
    "emoji": "🚀 launch",
    "nothing": "",
    "nothing allowed": "***",
    "blank": "   ",
    "200": "x" * 200,
    "201": "x" * 201,
    "two bytes a letter": "ü" * 150,
    "cut in a letter": "x" * 199 + "ü",
}


def named_cases() -> Iterator[tuple[str, ReadableSpan]]:
    """Give every case with its name."""
    yield from (
        *_kinds(),
        *_statuses(),
        *_values(),
        *_names(),
        *_annotations(),
        *_links_and_times(),
        *aws_cases(),
        *call_cases(),
        *cause_cases(),
    )


def _kinds() -> Iterator[tuple[str, ReadableSpan]]:
    for kind in SpanKind:
        for parent in (PARENT, None):
            name = f"kind {kind.name} {'below a parent' if parent else 'without parent'}"
            yield name, case(name, {"rows": 1}, kind=kind, parent=parent)
        for service in ({"aws.local.service": "here", "aws.remote.service": "there"}, {}):
            name = f"local root {kind.name} {'with services' if service else 'alone'}"
            yield name, case(name, {"aws.span.kind": "LOCAL_ROOT", "rows": 1, **service}, kind=kind)
        name = f"remote service {kind.name}"
        yield name, case(name, {"aws.remote.service": "there", "aws.local.service": "here"}, kind=kind)


def _statuses() -> Iterator[tuple[str, ReadableSpan]]:
    for code in StatusCode:
        for kind in (SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT):
            name = f"status {code.name} {kind.name}"
            yield name, case(name, kind=kind, status=Status(code))
    yield (
        "status with text",
        case("status with text", status=Status(StatusCode.ERROR, "no such column: <price>")),
    )
    name = "status with text and event"
    status = Status(StatusCode.ERROR, "ValueError: bad")
    yield name, case(name, status=status, events=[exception()])
    name = "status text of http"
    yield name, case(name, {"http.status_text": "Gone"}, status=Status(StatusCode.ERROR))


def _values() -> Iterator[tuple[str, ReadableSpan]]:
    for name, value in VALUES.items():
        yield f"metadata {name}", case(f"metadata {name}", {"key": value})
        full = f"annotation {name}"
        yield full, case(full, {"key": value, "aws.xray.annotations": ["key"]})
        full = f"resource {name}"
        yield full, case(full, kind=SpanKind.SERVER, resource={**JOB, "key": value})
    for number in ("nan", "inf", "-inf"):
        yield f"metadata {number}", case(f"metadata {number}", {"key": float(number), "other": 1})
        full = f"annotation {number}"
        yield full, case(full, {"key": float(number), "aws.xray.annotations": ["key"]})


def _names() -> Iterator[tuple[str, ReadableSpan]]:
    for name, text in NAMES.items():
        yield f"span name {name}", case(f"span name {name}", name=text)
        full = f"service name {name}"
        yield full, case(full, kind=SpanKind.SERVER, resource={**JOB, "service.name": text})
        full = f"peer service {name}"
        yield full, case(full, {"peer.service": text}, kind=SpanKind.CLIENT)
        full = f"attribute key {name}"
        if text:
            yield full, case(full, {text: 1, "b": 2, "aws.xray.annotations": [text]})
            yield f"{full} unindexed", case(f"{full} unindexed", {text: 1})


def _annotations() -> Iterator[tuple[str, ReadableSpan]]:
    lists = {
        "none of them there": ["missing"],
        "empty": [],
        "numbers": [1, 2],
        "text": "rows",
        "with a resource key": ["otel.resource.service.name", "rows"],
    }
    for name, keys in lists.items():
        attributes = {"rows": 5, "aws.xray.annotations": keys}
        for kind in (SpanKind.INTERNAL, SpanKind.SERVER):
            full = f"annotation list {name} {kind.name}"
            yield full, case(full, attributes, kind=kind)
    content = {
        "object": '{"plan": {"nodes": [1, 2.5, null, "x"]}, "big": 12345678901234567890}',
        "array": "[1, 2]",
        "null": "null",
        "empty object": "{}",
        "broken": "{",
        "doubled": '{"a": 1, "a": 2}',
    }
    for name, text in content.items():
        for namespace in ("spark", "default", "Default", ""):
            full = f"metadata namespace {namespace!r} {name}"
            yield full, case(full, {f"aws.xray.metadata.{namespace}": text, "rows": 1})
    yield "metadata namespace number", case("metadata namespace number", {"aws.xray.metadata.spark": 1})
    indexed = {"aws.xray.metadata.spark": "{}", "aws.xray.annotations": ["aws.xray.metadata.spark"]}
    yield "metadata namespace indexed", case("metadata namespace indexed", indexed)
    yield "user", case("user", {"enduser.id": "jane", "rows": 1})
    yield "user as number", case("user as number", {"enduser.id": 5})
    used = {"http.method": "GET", "enduser.id": "jane", "aws.xray.annotations": ["http.method", "enduser.id"]}
    yield "annotation list names used keys", case("annotation list names used keys", used)


def _links_and_times() -> Iterator[tuple[str, ReadableSpan]]:
    for kind in (SpanKind.INTERNAL, SpanKind.SERVER):
        name = f"links {kind.name}"
        yield name, case(name, kind=kind, links=[link(1), link(2, {"why": "retry", "n": 2, "all": [1, 2]})])
    for name, flag in {"true": True, "false": False, "as text": "true"}.items():
        full = f"in progress {name}"
        yield full, case(full, {"aws.xray.inprogress": flag, "rows": 1}, kind=SpanKind.SERVER)
    yield "no time at all", case("no time at all", end=STARTED)
    yield "ends before it starts", case("ends before it starts", start=ENDED, end=STARTED)
    yield "old trace id", case("old trace id", trace=0x5759E988BD862E3FE1BE46A994272793)
    yield "random trace id", case("random trace id", trace=0xF759E988BD862E3FE1BE46A994272793)
    yield "no attributes, no resource", case("no attributes, no resource", resource={})
    for kind in (SpanKind.INTERNAL, SpanKind.SERVER):
        name = f"empty service name {kind.name}"
        yield name, case(name, kind=kind, resource={**JOB, "service.name": ""})
