# SPDX-License-Identifier: Apache-2.0
"""The segment of the run that a job shares with other jobs: each of them writes the same one."""

from __future__ import annotations

from typing import Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.semconv.attributes.service_attributes import SERVICE_NAME
from opentelemetry.trace import SpanContext

from xray_common.conventions import ANNOTATION_KEYS, RUN_ID
from xray_helper.propagation.parent_run import ParentRun
from xray_helper.record.readable import first_segment
from xray_helper.record.scrubbed import scrubbed

_MS_PER_S: Final = 1_000
_NS_PER_MS: Final = 1_000_000


def run_segments(run: ParentRun | None, context: SpanContext | None) -> list[ReadableSpan]:
    """Return the run's segment, as a list; empty without a run, or where its start is unknown.

    Parameters
    ----------
    context
        Trace and id of the segment, as the run's header has them.
    """
    if run is None or run.start_s is None or context is None:
        return []
    segment = first_segment(
        run.name,
        context=context,
        resource=Resource({SERVICE_NAME: run.name}),
        time_ns=round(run.start_s * _MS_PER_S) * _NS_PER_MS,
        attributes={RUN_ID: run.id, ANNOTATION_KEYS: (RUN_ID,)},
    )
    return [scrubbed(segment)]
