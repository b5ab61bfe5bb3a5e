# SPDX-License-Identifier: Apache-2.0
"""A trace that grows, in the terminal: a bar per job and the tree so far; a line per event elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from trace_viewer.model import text
from trace_viewer.model.outline import short_name
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal.tree import render_tree
from trace_viewer.xray.progress import Progress, jobs, said
from trace_viewer.xray.watch import Look

BAR_WIDTH = 24  # characters
Clock = Callable[[], float]  # epoch seconds


def follow(
    seen: Iterable[Look], console: Console, *, usual: Trace | None = None, clock: Clock = time.time
) -> Trace:
    """Show look after look until the trace is over, and return it. A terminal is left as it was.

    Raises
    ------
    RuntimeError
        If there was nothing to look at.
    """
    show = _show_live if console.is_terminal else _show_events
    found = show(seen, console, usual, clock)
    if found is None:
        raise RuntimeError("There was nothing to follow.")
    return found


def _show_live(seen: Iterable[Look], console: Console, usual: Trace | None, clock: Clock) -> Trace | None:
    latest: list[Look] = [Look(None, "looking")]
    with Live(
        get_renderable=lambda: draw(latest[-1], console, usual=usual, clock=clock),
        console=console,
        transient=True,
        refresh_per_second=4,
    ):
        for look in seen:
            latest[:] = [look]
    return latest[-1].trace


def draw(
    look: Look, console: Console, *, usual: Trace | None = None, clock: Clock = time.time
) -> RenderableType:
    """Return what fits on the screen: the jobs, and the end of the tree."""
    if look.trace is None:
        return Text(f"waiting for the trace: {text.plain(look.note, 200)}", style="dim")
    tree = look.trace.tree
    going = jobs(tree, usual.tree if usual else None, look.tasks)
    lines = render_tree(look.trace, width=console.width, color=console.color_system is not None).splitlines()
    room = max(3, console.height - len(going) - 5)
    heading, rows = lines[:1], [line for line in lines[1:] if line.strip()]
    parts: list[RenderableType] = [Text.from_ansi("\n".join(heading)), _bars(going, clock()), Text()]
    parts += [Text.from_ansi(line, no_wrap=True, overflow="ellipsis") for line in rows[-room:]]
    if look.note:
        parts.append(Text(text.plain(look.note, 200), style="yellow"))
    return Group(*parts)


def _bars(going: list[Progress], now: float) -> Table:
    table = Table.grid(padding=(0, 2))
    for one in going:
        node = one.job
        took = text.duration(max(0.0, now - node.start) if one.is_running else node.duration)
        style = "bold red" if node.failure else "cyan" if one.is_running else "green"
        table.add_row(
            Text(text.plain(short_name(node.name), 40), style=style), _bar(one), f"{took:>7}", said(one)
        )
    return table


def _bar(one: Progress) -> ProgressBar:
    style = "red" if one.job.failure else "green"
    if not one.is_running:
        return ProgressBar(total=1, completed=1, width=BAR_WIDTH, complete_style=style, finished_style=style)
    if one.share is None:  # nothing says how much there is to do: the bar moves, and claims nothing
        return ProgressBar(total=None, pulse=True, width=BAR_WIDTH)
    done, total = one.share
    return ProgressBar(total=total, completed=done, width=BAR_WIDTH)


@dataclass
class _Told:
    """What was printed already, by id."""

    begun: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    tasks: dict[str, str] = field(default_factory=dict)
    note: str = ""


def _show_events(seen: Iterable[Look], console: Console, _: Trace | None, __: Clock) -> Trace | None:
    told, latest = _Told(), None
    for look in seen:
        if look.note and look.note != told.note:
            console.print(look.note, markup=False, soft_wrap=True)
        told.note = look.note
        latest = look.trace or latest
        for line in _news(look, told) if look.trace else ():
            console.print(line, markup=False, soft_wrap=True)
    return latest


def _news(look: Look, told: _Told) -> Iterator[str]:
    """Yield a line for all that began, went on or ended since the last time."""
    assert look.trace  # noqa: S101
    tree = look.trace.tree
    for node in tree.nodes:
        if node.inferred or not (node.is_segment or (node.parent and node.parent.is_segment)):
            continue
        name = text.plain(short_name(node.name))
        if not node.is_segment:
            name = f"{text.plain(short_name(node.segment.name))} › {name}"  # noqa: RUF001 meant
        at = f"{text.duration(max(0.0, node.start - tree.start)):>8}"
        if node.in_progress and node.id not in told.begun:
            yield f"{at}  {name} began"
        if not node.in_progress and node.id not in told.ended:
            told.ended.add(node.id)
            yield f"{at}  {name} {'failed after' if node.failure else 'took'} {text.duration(node.duration)}"
        told.begun.add(node.id)
    for one in jobs(tree, tasks=look.tasks):
        if one.is_running and one.tasks and told.tasks.get(one.job.id) != said(one):
            told.tasks[one.job.id] = said(one)
            yield f"{'':>8}  {text.plain(short_name(one.job.name))} › {said(one)}"  # noqa: RUF001 meant
