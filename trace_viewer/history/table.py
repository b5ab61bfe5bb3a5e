# SPDX-License-Identifier: Apache-2.0
"""Runs as a table of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.text import Text

from trace_viewer.history.listing import Listed
from trace_viewer.history.runs import OK, Run
from trace_viewer.history.usual import Verdict
from trace_viewer.history.wording import sentences
from trace_viewer.model import text
from trace_viewer.rendering.terminal.canvas import DEFAULT_WIDTH, draw

UNKNOWN = "-"
HEADING = f"{'started':<19}  {'state':<7} {'took':>8} {'rows':>13} {'rejected':>8} {'USD':>8}  pipeline"


def render_runs(runs: Sequence[Listed], *, width: int | None = None, color: bool = False) -> str:
    """List runs, newest first; parameters as in `render_tree`."""
    return draw(_lines(runs), width=width or DEFAULT_WIDTH, color=color)


def _lines(runs: Sequence[Listed]) -> Iterator[Text]:
    yield Text(HEADING, style="dim")
    for listed in runs:
        run = listed.run
        line = Text(text.moment(run.start).removesuffix(" UTC") + "  ")
        line.append(f"{run.state.upper():<7} ", style=_STYLES.get(run.state, "bold red"))
        line.append(f"{text.duration(run.seconds):>8} {rows(run):>13} {rejected(run):>8} {usd(run):>8}")
        line.append(f"  {text.plain(run.pipeline, 40)}", style="bold")
        if run.finding:
            line.append(f"  {text.plain(run.finding, 40)}", style="yellow")
        yield line.append(f"  {text.plain(run.id, 40)}", style="dim")
        if listed.note:
            yield Text(f"{'':21}{listed.note}", style="red")


_STYLES = {OK: "green", "running": "yellow"}


def rows(run: Run) -> str:
    """Print the rows that a run read."""
    return UNKNOWN if run.rows is None else f"{run.rows:,}"


def rejected(run: Run) -> str:
    """Print the share of the rows that were rejected.

    Example
    -------
    >>> rejected(Run("1-2-3", "p", (), 0.0, "ok", 1.0, rows=4002, rejected=320))
    '8.0 %'
    """
    share = run.rejected_share
    return UNKNOWN if share is None else f"{share * 100:.1f} %"


def usd(run: Run) -> str:
    """Print what a run cost, in USD."""
    return UNKNOWN if run.usd is None else f"{run.usd:,.3f}"


def render_verdict(verdict: Verdict, *, width: int | None = None, color: bool = False) -> str:
    """Print what a run is beside its usual, a line or more for each step; parameters as in `render_tree`."""
    width = width or DEFAULT_WIDTH
    return draw(_verdict(verdict, width), width=width, color=color)


def _verdict(verdict: Verdict, width: int) -> Iterator[Text]:
    for number, sentence in enumerate(sentences(verdict)):
        style = "bold red" if verdict.is_beyond and not number else "red" if number else "bold"
        indent = "  " if number else ""
        for line in textwrap.wrap(
            sentence, max(20, width - 2), initial_indent=indent, subsequent_indent="    "
        ):
            yield Text(line, style=style)
