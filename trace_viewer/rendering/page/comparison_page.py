# SPDX-License-Identifier: Apache-2.0
"""A comparison of two traces as one HTML file."""

from __future__ import annotations

from trace_viewer.difference.comparison import Comparison
from trace_viewer.difference.pair import Pair
from trace_viewer.rendering.page.assembly import assemble

ROWS_SHOWN = 250  # keeps the page under 300 KB
LONGEST_SHOWN = 6  # steps in the lists of what got slower and faster
REASONS_SHOWN = 5  # rejected rows by reason, per job: those that changed most


def render_comparison_html(comparison: Comparison) -> str:
    """Render a comparison as a self-contained page; its table is complete without scripts.

    Example
    -------
    >>> page = render_comparison_html(compare(yesterday, today))  # doctest: +SKIP
    """
    shown = _shown(comparison)
    longest = max(comparison.first.tree.duration, comparison.second.tree.duration) or 1.0
    return assemble(
        "compare.html.j2",
        styles=["page.css", "compare.css"],
        scripts=["dom.js", "theme.js", "compare.js"],
        comparison=comparison,
        slower=comparison.slower[:LONGEST_SHOWN],
        faster=comparison.faster[:LONGEST_SHOWN],
        rows=[pair for pair in comparison.pairs if pair.rows_changed or _counts_in_both(pair)],
        reasons_shown=REASONS_SHOWN,
        shown=shown,
        left_out=len(comparison.pairs) - len(shown),
        notable={id(pair) for pair in comparison.notable},
        identity=id,
        share=lambda seconds: round(100 * seconds / longest, 2),
    )


def _counts_in_both(pair: Pair) -> bool:
    """Return whether a job counted rows in both traces: shown also when nothing changed."""
    return None not in (pair.first, pair.second) and pair.any.is_segment and bool(pair.rows)


def _shown(comparison: Comparison) -> list[Pair]:
    """Return the steps to show, in the order of the run: all, or those that changed most."""
    notable = {id(pair) for pair in comparison.notable}
    ranked = sorted(comparison.pairs, key=lambda pair: (id(pair) not in notable, -abs(pair.change)))
    kept = {id(pair) for pair in ranked[:ROWS_SHOWN]}
    return [pair for pair in comparison.pairs if id(pair) in kept]
