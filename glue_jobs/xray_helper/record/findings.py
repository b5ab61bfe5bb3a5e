# SPDX-License-Identifier: Apache-2.0
"""The spans of a job as ``xray_common.findings`` reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import StatusCode

from xray_common.conventions import FINDING, FINDING_TITLE, FINDINGS
from xray_common.findings import Finding, Span, find
from xray_common.findings.finding import INFO
from xray_helper.record.readable import span_id

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_NS_PER_S: Final = 1_000_000_000


def describe_findings(
    job: ReadableSpan, below: Iterable[ReadableSpan], *, end_time_ns: int
) -> dict[str, Any]:
    """Return attributes of a job: its worst kind, the sentence, how many there are; nothing of a healthy one.

    What is no more than informative is not among them.

    Parameters
    ----------
    job
        The job's span; it need not have ended.
    below
        All other spans of the job; those whose parent is not among them are passed over.
    """
    found = [one for one in find(_tree(job, below, end_time_ns)) if one.severity != INFO]
    if not found:
        return {}
    return {FINDING: found[0].kind, FINDING_TITLE: _sentence(found[0]), FINDINGS: len(found)}


def _tree(job: ReadableSpan, below: Iterable[ReadableSpan], end_time_ns: int) -> Span:
    spans = {span_id(span): (_span(span, end_time_ns), span.parent) for span in below}
    root = _span(job, end_time_ns)
    root.is_segment = True
    for span, parent in spans.values():
        above = spans.get(parent.span_id) if parent else None
        if above is not None:
            above[0].add(span)
        elif parent and parent.span_id == span_id(job):
            root.add(span)
    return root


def _sentence(found: Finding) -> str:
    return ": ".join([*found.where[1:], found.title])


def _span(span: ReadableSpan, end_time_ns: int) -> Span:
    return Span(
        id=f"{span_id(span):016x}",
        name=span.name,
        start=(span.start_time or 0) / _NS_PER_S,
        end=(span.end_time or end_time_ns) / _NS_PER_S,
        attributes=span.attributes or {},
        failed=span.status.status_code is StatusCode.ERROR,
    )
