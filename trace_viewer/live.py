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

from trace_viewer import text
from trace_viewer.document import Node
from trace_viewer.model import Tree, preorder
from trace_viewer.terminal import render_tree
from trace_viewer.trace import Trace
from trace_viewer.view import short_name
from trace_viewer.watch import Look

BAR_WIDTH = 24  # characters
Clock = Callable[[], float]  # epoch seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: the steps it has begun, and how many there will be where an earlier run tells."""

    job: Node
    begun: int
    current: str
    expected: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether the job is still in progress."""
        return self.job.in_progress


def jobs(tree: Tree, usual: Tree | None = None) -> list[Progress]:
    """Return the innermost segments with their steps: the jobs, and what has started none yet.

    Parameters
    ----------
    usual
        An earlier run: a job is expected to have as many steps as the last of its name had there.
    """
    expected = {one.job.name: one.begun for one in jobs(usual)} if usual else {}
    return [
        Progress(node, len(steps), steps[-1].name if steps else "", expected.get(node.name))
        for node in tree.segments
        if not node.inferred and not any(other.is_segment for other in _below(node))
        for steps in [node.children]
    ]


def _below(node: Node) -> Iterator[Node]:
    return (other for other in preorder(node) if other is not node and not other.inferred)


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
    going = jobs(tree, usual.tree if usual else None)
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
    if one.expected is None:  # nothing says how much there is to do: the bar moves, and claims nothing
        return ProgressBar(total=None, pulse=True, width=BAR_WIDTH)
    # The step that was begun last is not done.
    return ProgressBar(total=one.expected, completed=max(0, one.begun - 1), width=BAR_WIDTH)


def said(one: Progress) -> str:
    """Say where a job is, in words.

    Example
    -------
    >>> said(Progress(Node("1", "clean", 0.0, None, True, in_progress=True), 3, "Remove Duplicates", 8))
    'step 3 of 8: Remove Duplicates'
    """
    node = one.job
    if node.failure:
        return f"failed in {text.plain(one.current)}" if one.current else "failed"
    if one.is_running and one.current:
        of = f" of {one.expected}" if one.expected else ""
        return f"step {one.begun}{of}: {text.plain(one.current)}"
    tasks = _spark_tasks(node)
    steps = f"{one.begun} step" if one.begun == 1 else f"{one.begun} steps"
    return "started" if one.is_running else f"{steps}, {tasks:,} Spark tasks" if tasks else steps


def _spark_tasks(node: Node) -> int:
    default = node.metadata.get("default")
    tasks = default.get("spark.tasks") if isinstance(default, dict) else None
    return tasks if isinstance(tasks, int) else 0


@dataclass
class _Told:
    """What was printed already, by id."""

    begun: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    note: str = ""


def _show_events(seen: Iterable[Look], console: Console, _: Trace | None, __: Clock) -> Trace | None:
    told, latest = _Told(), None
    for look in seen:
        if look.note and look.note != told.note:
            console.print(look.note, markup=False, soft_wrap=True)
        told.note = look.note
        latest = look.trace or latest
        for line in _news(look.trace.tree, told) if look.trace else ():
            console.print(line, markup=False, soft_wrap=True)
    return latest


def _news(tree: Tree, told: _Told) -> Iterator[str]:
    """Yield a line for every segment and step that began or ended since the last time."""
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
