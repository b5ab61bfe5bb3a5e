# SPDX-License-Identifier: Apache-2.0
"""What a run tells about itself that others work out: its worst finding, its cost."""

from __future__ import annotations

from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import Tree

FINDING = "finding"  # an annotation of a job's segment: the kind of its worst finding


def worst_finding(tree: Tree) -> str | None:
    """Return the kind of the worst finding that the jobs annotated; the first job's, where several did."""
    found = (node.annotations.get(FINDING) for node in tree.nodes)
    return next((str(kind) for kind in found if kind), None)


def cost_usd(trace: Trace) -> float | None:
    """Return what the run cost in USD; None: not known."""
    return None
