# SPDX-License-Identifier: Apache-2.0
"""The command line: fetch or read one trace, print it, write it."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from rich.console import Console

from trace_viewer.arguments import parse_arguments
from trace_viewer.difference.comparison import compare
from trace_viewer.exports.otlp import to_otlp
from trace_viewer.exports.perfetto import to_perfetto
from trace_viewer.files.content import TraceFileError
from trace_viewer.files.load import SeveralTracesError, load
from trace_viewer.history.look_up import usual_of
from trace_viewer.history.table import render_verdict
from trace_viewer.model.cost_words import cost_json
from trace_viewer.model.names import xray_trace_id
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import EmptyTraceError
from trace_viewer.output import color, say, show, terminal, width, write
from trace_viewer.rendering.live.server import HOST, Page, Server, live_page
from trace_viewer.rendering.live.terminal import follow
from trace_viewer.rendering.page.comparison_page import render_comparison_html
from trace_viewer.rendering.page.trace_page import render_html
from trace_viewer.rendering.terminal.comparison import render_comparison
from trace_viewer.rendering.terminal.log_lines import render_logs
from trace_viewer.rendering.terminal.trace_list import render_list
from trace_viewer.rendering.terminal.tree import render_tree
from trace_viewer.xray.fetch import TraceNotFoundError, fetch_trace, latest_trace_id
from trace_viewer.xray.job_runs import read_job_runs
from trace_viewer.xray.logs import Logs
from trace_viewer.xray.session import XRayError
from trace_viewer.xray.task_log import TaskLog
from trace_viewer.xray.watch import PATIENCE, Watch, poll

INTERRUPTED = 130  # the shell's exit code for Ctrl-C
RUN_FAILED = 2  # with --exit-status; 1 is a failure of this command

WRITERS: dict[str, Callable[[Trace], str]] = {
    "json": lambda trace: json.dumps(trace.to_json() | cost_json(trace.cost), indent=1),
    "html": render_html,
    "otlp": lambda trace: json.dumps(to_otlp(trace), separators=(",", ":")),
    "findings": lambda trace: json.dumps(trace.findings.to_json(), indent=1),
    "perfetto": lambda trace: json.dumps(to_perfetto(trace), separators=(",", ":")),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 with one sentence on stderr, or 2 (`--exit-status`: the run failed).

    Example
    -------
    `glue-xray view --latest --html trace.html`
    """
    options = parse_arguments(arguments)
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except SeveralTracesError as error:
        return _list(error, options)
    except (TraceFileError, TraceNotFoundError, XRayError, EmptyTraceError) as error:
        say(error)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    other = _compared(options.compare) if options.compare else None
    if options.serve is not None:
        return _serve(options, other)
    if options.follow:
        return _show(options, _follow(options, other), other)
    with _uncollected():
        trace = _trace(options)
        if not options.file:  # once, not with every look at a trace that grows
            trace.job_runs.update(read_job_runs(trace))
        return _show(options, trace, other)


def _show(options: argparse.Namespace, trace: Trace, other: Trace | None) -> int:
    is_written = _write(options, trace, other)  # before anything is printed: who reads that may stop early
    if options.usual is not None:
        _print_usual(trace, options.usual)
    if other:
        show(render_comparison(compare(trace, other), **terminal()))
    else:
        show(render_tree(trace, **terminal()))
    if options.logs:
        _print_logs(trace)
    if is_written and options.exit_status and (other or trace).tree.failure:
        return RUN_FAILED
    return 0 if is_written else 1


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave garbage where it is: a large trace is all alive, and searching it costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _list(several: SeveralTracesError, options: argparse.Namespace) -> int:
    """List the traces of a file; a failure where more was asked for than a look."""
    show(render_list(several.traces, **terminal()))
    say(several)
    return 1 if options.written or options.compare or options.logs or options.serve is not None else 0


def _write(options: argparse.Namespace, trace: Trace, other: Trace | None) -> bool:
    """Write the files that were asked for; return whether all are there."""
    writers = {"html": lambda trace: render_comparison_html(compare(trace, other))} if other else WRITERS
    written = [write(getattr(options, name), writers[name](trace) + "\n") for name in options.written]
    return all(written)


def _print_usual(trace: Trace, folder: str) -> None:
    """Print what the run is beside the last good ones, above its tree."""
    verdict = usual_of(trace, Path(folder) if folder else None)
    show(render_verdict(verdict, **terminal()), end="\n\n")


def _print_logs(trace: Trace) -> None:
    logs = Logs()
    lines = logs.lines(trace)
    for problem in logs.problems:
        say(problem)
    if lines or not logs.problems:
        show(render_logs(trace, lines))


def _trace(options: argparse.Namespace) -> Trace:
    if options.file == "-":  # it can be read once
        return _standard_input(options.trace_id or "")
    if options.file:
        return load(options.file, options.trace_id or "")
    return fetch_trace(latest_trace_id(expression=options.filter) if options.latest else options.trace_id)


@cache
def _standard_input(trace_id: str) -> Trace:
    return load("-", trace_id)


def _compared(name: str) -> Trace:
    """Return the trace to compare with: `latest`, one of an id, or one of a file."""
    if name == "latest":
        return fetch_trace(latest_trace_id())
    if trace_id := xray_trace_id(name):
        return fetch_trace(trace_id)
    try:
        return load(name)
    except SeveralTracesError as error:
        raise TraceFileError(
            f"{name} holds {len(error.traces):,} traces: --compare takes a file of one."
        ) from error


def _follow(options: argparse.Namespace, earlier: Trace | None) -> Trace:
    """Show the trace growing. The newest one is waited for; one with an id should be there soon."""
    known: list[str] = []

    def fetch() -> Trace:
        if not known:  # what started later is another trace
            known.append(latest_trace_id(expression=options.filter) if options.latest else options.trace_id)
        return fetch_trace(known[0])

    watch = Watch(fetch, count=TaskLog(), patience=None if options.latest else PATIENCE)
    console = Console(highlight=False, no_color=not color(), width=width())
    return follow(poll(watch), console, earlier=earlier)


def _serve(options: argparse.Namespace, other: Trace | None) -> int:
    """Serve the page until Ctrl-C, which is how it is meant to end."""

    def comparison() -> Page:
        return Page(render_comparison_html(compare(_trace(options), other or _trace(options))))

    if options.file:
        _trace(options)  # a file without a trace is no page
    count = None if options.file else TaskLog()
    page = comparison if other else live_page(Watch(lambda: _trace(options), count=count, patience=None))
    try:
        server = Server(page, options.serve)
    except (OSError, OverflowError) as error:
        say(f"port {options.serve} of {HOST} cannot be used: {error}")
        return 1
    with server:
        print(f"{server.url}  (Ctrl-C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0
