# SPDX-License-Identifier: Apache-2.0
"""Runs as one HTML file: trends, a table, two runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trace_viewer.history.listing import Listed
from trace_viewer.history.runs import Run
from trace_viewer.history.table import rejected, rows, usd
from trace_viewer.model import text
from trace_viewer.rendering.page.assembly import assemble, script_json

WIDTH, HEIGHT, EDGE = 320, 56, 4  # of a trend, in the units of its drawing
STEPS_COMPARED = 60  # of a run, the longest: keeps a page of 200 runs under 300 KB


@dataclass(frozen=True, slots=True)
class Trend:
    """A number of all runs, oldest first: (x, y, state, words) of those that measured it."""

    title: str
    highest: str
    points: tuple[tuple[float, float, str, str], ...]

    @property
    def line(self) -> str:
        """The points as SVG's polyline takes them."""
        return " ".join(f"{x:g},{y:g}" for x, y, _, _ in self.points)


def render_runs_html(runs: Sequence[Listed], *, links: Mapping[str, str]) -> str:
    """Render a list of runs, newest first, as a self-contained page; complete without scripts.

    Parameters
    ----------
    links
        Where the trace of a run can be seen, by its id.
    """
    plain = [listed.run for listed in runs]
    trends = [
        _trend("Duration", plain, lambda run: run.seconds, lambda run: text.duration(run.seconds)),
        _trend("Rejected share of the rows", plain, lambda run: run.rejected_share, rejected),
        _trend("Rows", plain, lambda run: run.rows, rows),
        _trend("Cost, USD", plain, lambda run: run.usd, usd),
    ]
    return assemble(
        "runs.html.j2",
        styles=["page.css", "compare.css", "runs.css"],
        scripts=["dom.js", "theme.js", "runs.js"],
        runs=runs,
        links=links,
        trends=[trend for trend in trends if trend.points],
        size=(WIDTH, HEIGHT),
        shown={"rows": rows, "rejected": rejected, "usd": usd},
        has_usd=any(run.usd is not None for run in plain),
        data=script_json(_steps(plain)),
    )


def _trend(
    title: str, runs: Sequence[Run], number: Callable[[Run], float | None], words: Callable[[Run], str]
) -> Trend:
    oldest_first = [(run, value) for run in reversed(runs) if (value := number(run)) is not None]
    highest = max((value for _, value in oldest_first), default=0.0)
    step = (WIDTH - 2 * EDGE) / max(1, len(oldest_first) - 1)
    points = (
        (
            round(EDGE + index * step, 1),
            round(HEIGHT - EDGE - (value / highest if highest else 0.0) * (HEIGHT - 2 * EDGE), 1),
            run.state,
            f"{text.moment(run.start)}: {words(run)}",
        )
        for index, (run, value) in enumerate(oldest_first)
    )
    top = next((words(run) for run, value in oldest_first if value == highest), "")
    return Trend(title, top, tuple(points))


def _steps(runs: Sequence[Run]) -> dict[str, Any]:
    """Return what the page compares: names of steps, and per run its rows and (name, seconds)."""
    names: dict[str, int] = {}
    found: dict[str, Any] = {}
    for run in runs:
        kept = {id(step) for step in sorted(run.steps, key=lambda step: -step.seconds)[:STEPS_COMPARED]}
        steps = [
            (names.setdefault(text.plain(step.name, 120), len(names)), round(step.seconds, 3))
            for step in run.steps
            if id(step) in kept
        ]
        found[run.id] = {"rows": run.rows, "seconds": round(run.seconds, 3), "steps": steps}
    return {"names": list(names), "runs": found}
