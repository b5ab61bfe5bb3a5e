# SPDX-License-Identifier: Apache-2.0
"""Spans without the secrets that got into their texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Event
from opentelemetry.trace import Link, Status

from xray_common.scrubbing import scrub, scrub_document, scrub_value
from xray_helper.record.readable import copy_span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan


def scrubbed(span: ReadableSpan) -> ReadableSpan:
    """Return a span without secrets, the same one where there are none: in its name, its attributes, its end.

    To be called before anything is cut: half a secret is not recognized.
    """
    name, description = scrub(span.name), span.status.description
    attributes = _changed(span.attributes)
    events = [_changed(event.attributes) for event in span.events]
    links = [_changed(link.attributes) for link in span.links]
    message = scrub(description) if description else description
    others = (attributes, *events, *links)
    if name == span.name and message == description and all(other is None for other in others):
        return span
    return copy_span(
        span,
        name=name,
        attributes=attributes,
        events=[
            event if new is None else Event(event.name, new, event.timestamp)
            for event, new in zip(span.events, events, strict=True)
        ],
        links=[
            link if new is None else Link(link.context, new)
            for link, new in zip(span.links, links, strict=True)
        ],
        status=Status(span.status.status_code, message),
    )


def _changed(attributes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return attributes without secrets; None where they have none."""
    known = attributes or {}
    clean = {
        scrub(key): scrub_value(key, scrub_document(value) if isinstance(value, tuple | list) else value)
        for key, value in known.items()
    }
    return None if clean == known else clean
