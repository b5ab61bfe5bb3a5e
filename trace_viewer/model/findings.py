# SPDX-License-Identifier: Apache-2.0
"""What made a run slow or lossy: `xray_common.findings` over the tree of a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trace_viewer.model.document import Node
from trace_viewer.model.tree import Tree
from xray_common.conventions import FINDING, FINDING_TITLE, SPANS_DROPPED
from xray_common.findings import LIMITS, Finding, Limits, Span, count_checks, find
from xray_common.findings.find import Price


@dataclass(frozen=True)
class Findings:
    """What the rules said, worst first, and how many of them had something to look at."""

    found: tuple[Finding, ...]
    checks: int

    @property
    def seconds(self) -> float:
        """What all of them cost at most, one after the other."""
        return sum(one.seconds or 0.0 for one in self.found)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the list that `--findings` writes."""
        return [one.to_json() for one in self.found]


def find_findings(tree: Tree, *, limits: Limits = LIMITS, price: Price | None = None) -> Findings:
    """Return what is to be said of a trace.

    What a job has said itself is among it: the job knew spans that did not fit into the trace.

    Parameters
    ----------
    limits
        From where on something is worth a sentence.
    price
        Knows what seconds of a job's segment cost, in US dollars.
    """
    spans = _spans(tree)
    root = spans[tree.root.id]
    found = find(root, limits=limits, price=price)
    said = {_key(one) for one in found}
    told = [one for span in spans.values() if (one := _told(span)) and _key(one) not in said]
    return Findings((*found, *told), count_checks(root))


def _spans(tree: Tree) -> dict[str, Span]:
    critical: dict[str, float] = {}
    for node in reversed(tree.nodes):  # children before parents
        own = sum(end - start for start, end in node.critical_intervals)
        critical[node.id] = own + sum(critical[child.id] for child in node.children)
    spans: dict[str, Span] = {}
    for node in tree.nodes:
        spans[node.id] = span = _span(node, critical[node.id])
        if node.parent:
            spans[node.parent.id].add(span)
    return spans


def _key(found: Finding) -> tuple[str, str]:
    return found.span.segment.id, found.kind


def _told(span: Span) -> Finding | None:
    """Return what a job wrote on its own segment, when it ended, where the trace has not all that it saw."""
    kind, title = span.attributes.get(FINDING), span.attributes.get(FINDING_TITLE)
    if not span.is_segment or not isinstance(kind, str) or not isinstance(title, str):
        return None
    if not span.number(SPANS_DROPPED) and any(not child.is_segment for child in span.children):
        return None  # the same rules saw the same spans, and the whole trace
    advice = "The spans that show it are not in the trace: --spans_uri writes all of them to a file."
    return Finding(kind, title, span, {}, advice)


def _span(node: Node, critical_s: float) -> Span:
    return Span(
        id=node.id,
        name=node.name,
        start=node.start,
        end=node.finish,
        attributes={**node.attributes, **node.annotations},
        is_segment=node.is_segment,
        operation=node.operation,
        failed=bool(node.failure),
        is_over=not (node.in_progress or node.end_unknown),
        critical_s=critical_s,
    )
