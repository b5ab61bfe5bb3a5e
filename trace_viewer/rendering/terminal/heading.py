# SPDX-License-Identifier: Apache-2.0
"""What stands above and below the tree of a trace: its outcome and cost, its failure, its problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from trace_viewer.model import text
from trace_viewer.model.cost_words import cost_line
from trace_viewer.model.failures import also_to_show, user_place
from trace_viewer.model.names import short_name
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import Tree
from trace_viewer.rendering.terminal import marks
from trace_viewer.rendering.terminal.canvas import wrap

PROBLEMS_SHOWN = 8


def heading_lines(trace: Trace, facts: Mapping[str, object], *, width: int) -> Iterator[Text]:
    """Yield how the trace ended, what all of it shares, what it cost, and what made it fail."""
    yield _outcome(trace)
    shared = "  ".join(f"{text.plain(name)}={text.plain(value)}" for name, value in facts.items())
    yield from _wrapped(shared, "dim", width)
    yield from _wrapped(cost_line(trace.cost), "dim", width)
    yield from _failure(trace.tree, width)


def problem_lines(tree: Tree, *, width: int) -> Iterator[Text]:
    """Yield what is wrong with the documents."""
    problems = tree.problems
    for problem in problems[:PROBLEMS_SHOWN]:
        for index, line in enumerate(wrap(text.plain(problem), width - 6)):
            yield Text(f"{'      ' if index else 'note: '}{line}", style="yellow")
    if len(problems) > PROBLEMS_SHOWN:
        more = len(problems) - PROBLEMS_SHOWN
        yield Text(f"note: {more:,} more documents have problems like these.", style="yellow")


def _outcome(trace: Trace) -> Text:
    tree = trace.tree
    mark, style = {
        "failed": (marks.FAILED, "bold red"),
        "running": (marks.RUNNING, "cyan"),
        "ok": (marks.OK, "bold green"),
    }[tree.status]
    line = Text().append(f"{mark} {tree.status.upper()}", style=style)
    line.append(f"  {text.duration(tree.duration)}  {text.moment(tree.start)}", style="default")
    if tree.status == "running" and trace.fetched:
        line.append(f"  as of {text.clock(trace.fetched)}", style="default")
    return line.append(f"  {text.plain(trace.id)}", style="dim")


def _failure(tree: Tree, width: int) -> Iterator[Text]:
    failure = tree.failure
    if failure is None:
        return
    path = marks.ARROW.join(text.plain(short_name(node.name)) for node in failure.step)
    place = user_place(failure)
    yield from _wrapped(f"failed in {path}" + (f", {text.plain(place)}" if place else ""), "red", width)
    if failure.exception:
        yield from _wrapped(text.plain(failure.exception.headline), "bold red", width)
        for words in also_to_show(failure.node):
            yield from _wrapped(text.plain(words), "red", width)


def _wrapped(words: str, style: str, width: int) -> Iterator[Text]:
    for line in wrap(words, width - 2):
        yield Text(f"  {line}", style=style)
