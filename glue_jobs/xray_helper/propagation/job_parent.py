# SPDX-License-Identifier: Apache-2.0
"""The parent of a job's segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xray_common.ids import is_span_id, trace_id_to_int
from xray_helper.propagation.parent import XRayTrace
from xray_helper.propagation.trace_tree import ParentSource
from xray_helper.record.recorder import remote_context
from xray_helper.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext


@dataclass(frozen=True)
class Parent:
    """The parent of the job's segment, how it was found, and which X-Ray operation answered."""

    context: SpanContext | None
    source: ParentSource
    api: str | None = None

    @classmethod
    def known(cls, context: SpanContext | None, source: ParentSource) -> Parent:
        """Make the parent that is known from the start, if one is."""
        return cls(context, source if context else ParentSource.NONE)


def find_parent(trace_id: str, settings: Settings) -> Parent | None:
    """Look for the segment of the step that started the job; None where X-Ray does not show it in time."""
    if not settings.step_name or not settings.trace_header:
        return None
    trace = XRayTrace(trace_id, deadline_s=settings.parent_deadline_s)
    found = trace.retrieve_segment_for_step(settings.step_name, only_running=True)
    if found is None or not is_span_id(found) or trace.source is None:
        return None
    return Parent(remote_context(trace_id_to_int(trace_id), int(found, 16)), trace.source, trace.api)
