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
from trace_viewer.model.names import short_name
from trace_viewer.model.progress import Progress, describe, jobs
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal.tree import render_tree
from trace_viewer.xray.watch import Snapshot

BAR_WIDTH = 24  # characters
Clock = Callable[[], float]  # epoch seconds
Snapshots = Iterable[Snapshot]


def follow(snapshots: Snapshots, console: Console, *, earlier: Trace | None = None) -> Trace:
    """Show snapshot after snapshot until the trace is over, and return it. A terminal is left as it was.

    Parameters
    ----------
    earlier
        A run that is over: its jobs had as many steps as are expected now.

    Raises
    ------
    RuntimeError
        If there was no trace to follow.
    """
    show = _show_live if console.is_terminal else _show_events
    trace = show(snapshots, console, earlier)
    if trace is None:
        raise RuntimeError("There was nothing to follow.")
    return trace


def _show_live(snapshots: Snapshots, console: Console, earlier: Trace | None) -> Trace | None:
    latest = [Snapshot(None, "looking")]
    with Live(
        get_renderable=lambda: draw(latest[-1], console, earlier=earlier),
        console=console,
        transient=True,
        refresh_per_second=4,
    ):
        for snapshot in snapshots:
            latest[:] = [snapshot]
    return latest[-1].trace


def draw(
    snapshot: Snapshot, console: Console, *, earlier: Trace | None = None, clock: Clock = time.time
) -> RenderableType:
    """Return what fits on the screen: the jobs, and the end of the tree."""
    trace = snapshot.trace
    if trace is None:
        return Text(f"waiting for the trace: {text.sentence(snapshot.note, 200)}", style="dim")
    progress = jobs(trace.tree, earlier.tree if earlier else None, snapshot.tasks)
    lines = render_tree(trace, width=console.width, color=console.color_system is not None).splitlines()
    room = max(3, console.height - len(progress) - 5)
    rows = [line for line in lines[1:] if line.strip()][-room:]
    parts: list[RenderableType] = [Text.from_ansi(lines[0]), _bars(progress, clock()), Text()]
    parts += [Text.from_ansi(line, no_wrap=True, overflow="ellipsis") for line in rows]
    if snapshot.note:
        parts.append(Text(text.sentence(snapshot.note, 200), style="yellow"))
    return Group(*parts)


def _bars(progress: list[Progress], now: float) -> Table:
    table = Table.grid(padding=(0, 2))
    for job in progress:
        node = job.job
        took = text.duration(max(0.0, now - node.start) if job.is_running else node.duration)
        style = "bold red" if node.failure else "cyan" if job.is_running else "green"
        name = Text(text.plain(short_name(node.name), 40), style=style)
        table.add_row(name, _bar(job), f"{took:>7}", describe(job))
    return table


def _bar(job: Progress) -> ProgressBar:
    style = "red" if job.job.failure else "green"
    if not job.is_running:
        return ProgressBar(total=1, completed=1, width=BAR_WIDTH, complete_style=style, finished_style=style)
    if job.share is None:  # the total is unknown: the bar only moves
        return ProgressBar(total=None, pulse=True, width=BAR_WIDTH)
    done, total = job.share
    return ProgressBar(total=total, completed=done, width=BAR_WIDTH)


@dataclass
class _Printed:
    """What is printed already, by id."""

    begun: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    tasks: dict[str, str] = field(default_factory=dict)
    note: str = ""


def _show_events(snapshots: Snapshots, console: Console, _: Trace | None) -> Trace | None:
    printed, latest = _Printed(), None
    for snapshot in snapshots:
        if snapshot.note and snapshot.note != printed.note:
            console.print(text.sentence(snapshot.note), markup=False, soft_wrap=True)
        printed.note = snapshot.note
        latest = snapshot.trace or latest
        for line in _news(snapshot, printed):
            console.print(line, markup=False, soft_wrap=True)
    return latest


def _news(snapshot: Snapshot, printed: _Printed) -> Iterator[str]:
    """Yield a line for all that began, went on or ended since the last snapshot."""
    if snapshot.trace is None:
        return
    tree = snapshot.trace.tree
    for node in tree.nodes:
        if node.inferred or not (node.is_segment or (node.parent and node.parent.is_segment)):
            continue
        name = text.plain(short_name(node.name))
        if not node.is_segment:
            name = f"{text.plain(short_name(node.segment.name))} › {name}"  # noqa: RUF001 meant
        at = f"{text.duration(max(0.0, node.start - tree.start)):>8}"
        if node.in_progress and node.id not in printed.begun:
            yield f"{at}  {name} began"
        if not node.in_progress and node.id not in printed.ended:
            printed.ended.add(node.id)
            yield f"{at}  {name} {'failed after' if node.failure else 'took'} {text.duration(node.duration)}"
        printed.begun.add(node.id)
    for job in jobs(tree, tasks=snapshot.tasks):
        words = describe(job)
        if job.is_running and job.tasks and printed.tasks.get(job.job.id) != words:
            printed.tasks[job.job.id] = words
            yield f"{'':>8}  {text.plain(short_name(job.job.name))} › {words}"  # noqa: RUF001 meant
