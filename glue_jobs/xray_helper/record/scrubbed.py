# SPDX-License-Identifier: Apache-2.0
"""Spans as they leave: without the secrets that got into their texts, and with values that can be sent."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Event
from opentelemetry.trace import Link, Status

from xray_common.scrubbing import scrub, scrub_document, scrub_value
from xray_helper.record.readable import copy_span
from xray_helper.record.sendable import is_sendable, sendable, utf8

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan


def scrubbed(span: ReadableSpan) -> ReadableSpan:
    """Return a span to be sent, the same one where nothing is to be changed: name, attributes, events, links.

    To be called before anything is cut: half a secret is not recognized.
    """
    name, description = utf8(scrub(span.name)), span.status.description
    attributes = _changed(span.attributes)
    events = [_changed(event.attributes) for event in span.events]
    links = [_changed(link.attributes) for link in span.links]
    message = utf8(scrub(description)) if description else description
    others = (attributes, *events, *links)
    if name == span.name and message == description and all(other is None for other in others):
        return span
    return copy_span(
        span,
        name=name,
        attributes=attributes,
        events=[
            event if new is None else Event(event.name, new, event.timestamp)
            for event, new in zip(span.events, events)
        ],
        links=[link if new is None else Link(link.context, new) for link, new in zip(span.links, links)],
        status=Status(span.status.status_code, message),
    )


def _changed(attributes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return attributes as they are sent; None where they stay as they are, as most of thousands do."""
    known = attributes or {}
    if all(_is_sound(key, value) for key, value in known.items()):
        return None
    return {_name(key): _value(key, value) for key, value in known.items()}


def _is_sound(key: str, value: Any) -> bool:
    if _name(key) != key:
        return False
    kind = value.__class__
    if kind is int or kind is bool:
        return is_sendable(value)
    return bool(_value(key, value) == (tuple(value) if kind is list else value))


@functools.lru_cache(maxsize=1_024)
def _name(key: str) -> str:
    return utf8(scrub(key))


def _value(key: str, value: Any) -> Any:
    clean = scrub_document(value) if isinstance(value, (tuple, list)) else value
    return sendable(scrub_value(key, clean))
