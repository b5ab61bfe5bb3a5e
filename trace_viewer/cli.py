# SPDX-License-Identifier: Apache-2.0
"""The command line: fetch or read one trace, print it, write it."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from trace_viewer.difference.comparison import compare
from trace_viewer.exports.otlp import to_otlp
from trace_viewer.exports.perfetto import to_perfetto
from trace_viewer.model.trace import Trace, TraceFileError, load
from trace_viewer.model.tree import EmptyTraceError
from trace_viewer.rendering.live.server import HOST, Page, Server, live_page
from trace_viewer.rendering.live.terminal import follow
from trace_viewer.rendering.page.comparison_page import render_comparison_html
from trace_viewer.rendering.page.trace_page import render_html
from trace_viewer.rendering.terminal.comparison import render_comparison
from trace_viewer.rendering.terminal.log_lines import render_logs
from trace_viewer.rendering.terminal.tree import render_tree
from trace_viewer.xray.fetch import TraceNotFoundError, XRayError, fetch_trace, latest_trace_id
from trace_viewer.xray.logs import Logs
from trace_viewer.xray.task_log import TaskLog
from trace_viewer.xray.watch import PATIENCE, Watch, poll

INTERRUPTED = 130  # the shell's exit code for Ctrl-C
TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")

WRITERS: dict[str, Callable[[Trace], str]] = {
    "json": lambda trace: json.dumps(trace.to_json(), indent=1),
    "html": render_html,
    "otlp": lambda trace: json.dumps(to_otlp(trace), separators=(",", ":")),
    "perfetto": lambda trace: json.dumps(to_perfetto(trace), separators=(",", ":")),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 with one sentence on stderr.

    Example
    -------
    `python -m trace_viewer --latest --html trace.html`
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    _check(options, parser)
    try:
        other = _compared(options.compare) if options.compare else None
        if options.serve is not None:
            return _serve(options, other)
        trace = _follow(options, other) if options.follow else _trace(options)
        drawn: dict[str, Any] = {"width": _width(), "color": _color(), "ascii_only": _ascii_only()}
        if other:
            print(render_comparison(compare(trace, other), **drawn))
        else:
            print(render_tree(trace, **drawn))
        if options.logs:
            _print_logs(trace)
        for name, write in _writers(other).items():
            target: Path | None = getattr(options, name)
            if target:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(write(trace) + "\n", encoding="utf-8")
                print(f"wrote {target}", file=sys.stderr)
    except (TraceFileError, TraceNotFoundError, XRayError, EmptyTraceError) as error:
        print(f"trace_viewer: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"trace_viewer: {error.filename} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trace_viewer",
        description="Show one AWS X-Ray trace: a tree here, a page, JSON.",
        epilog="Credentials, region and endpoint (AWS_ENDPOINT_URL_XRAY) are those of the AWS SDK.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--trace-id", metavar="ID", help="this trace, such as 1-6920173c-5f8a2c1f3d4e5b6a7c8d9e0f"
    )
    source.add_argument("--latest", action="store_true", help="the trace that started last, within a day")
    source.add_argument("--file", type=Path, metavar="F", help="a trace that --json or the AWS CLI wrote")
    parser.add_argument("--filter", default="", metavar="EXPR", help="X-Ray filter expression for --latest")
    parser.add_argument(
        "--compare",
        metavar="B",
        help="what changed from the trace to this one: a trace id, latest, or a file",
    )
    parser.add_argument("--follow", action="store_true", help="show the trace growing until the run is over")
    parser.add_argument(
        "--serve",
        type=int,
        nargs="?",
        const=0,
        metavar="PORT",
        help="show the page at http://127.0.0.1:PORT/ (default: a free port) until Ctrl-C",
    )
    parser.add_argument("--logs", action="store_true", help="print the run's log lines under their spans")
    parser.add_argument("--html", type=Path, metavar="F", help="write one self-contained page")
    parser.add_argument("--json", type=Path, metavar="F", help="write the trace as BatchGetTraces returns it")
    parser.add_argument("--otlp", type=Path, metavar="F", help="write OTLP JSON (OpenTelemetry, Jaeger)")
    parser.add_argument("--perfetto", type=Path, metavar="F", help="write a Chrome trace (ui.perfetto.dev)")
    return parser


def _print_logs(trace: Trace) -> None:
    logs = Logs()
    print(render_logs(trace, logs.lines(trace)))
    for problem in logs.problems:
        print(f"trace_viewer: {problem}", file=sys.stderr)


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """End with a usage error for options that exclude each other."""
    if options.follow and (options.file or options.serve is not None):
        parser.error("--follow needs a trace of X-Ray and the terminal: not --file, not --serve")
    written = [f"--{name}" for name in WRITERS if getattr(options, name)]
    if options.serve is not None and written:
        parser.error(f"--serve writes no file: leave out {written[0]}")
    if options.compare and set(written) - {"--html"}:
        parser.error(f"a comparison is written with --html, not with {written[-1]}")


def _trace(options: argparse.Namespace) -> Trace:
    if options.file:
        return load(options.file)
    return fetch_trace(latest_trace_id(expression=options.filter) if options.latest else options.trace_id)


def _compared(name: str) -> Trace:
    """Return the trace to compare with: `latest`, one of an id, or one of a file."""
    if name == "latest":
        return fetch_trace(latest_trace_id())
    return fetch_trace(name) if TRACE_ID.fullmatch(name) else load(name)


def _follow(options: argparse.Namespace, earlier: Trace | None) -> Trace:
    """Show the trace growing. The newest one is waited for; one with an id should be there soon."""
    known: list[str] = []

    def fetch() -> Trace:
        if not known:  # what started later is another trace
            known.append(latest_trace_id(expression=options.filter) if options.latest else options.trace_id)
        return fetch_trace(known[0])

    watch = Watch(fetch, count=TaskLog(), patience=None if options.latest else PATIENCE)
    console = Console(highlight=False, no_color=not _color(), width=_width())
    return follow(poll(watch), console, earlier=earlier)


def _serve(options: argparse.Namespace, other: Trace | None) -> int:
    """Serve the page until Ctrl-C, which is how it is meant to end."""

    def comparison() -> Page:
        return Page(render_comparison_html(compare(_trace(options), other or _trace(options))))

    count = None if options.file else TaskLog()
    page = comparison if other else live_page(Watch(lambda: _trace(options), count=count, patience=None))
    try:
        server = Server(page, options.serve)
    except (OSError, OverflowError) as error:
        print(f"trace_viewer: port {options.serve} of {HOST} cannot be used: {error}", file=sys.stderr)
        return 1
    with server:
        print(f"{server.url}  (Ctrl-C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def _writers(other: Trace | None) -> dict[str, Callable[[Trace], str]]:
    if other is None:
        return WRITERS
    return {"html": lambda trace: render_comparison_html(compare(trace, other))}


def _width() -> int | None:
    """Return the width of the terminal (or of COLUMNS); None when output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or os.environ.get("COLUMNS") else None


def _color() -> bool:
    """Return whether to colour: a terminal only, and not where https://no-color.org applies."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _ascii_only() -> bool:
    return "utf" not in (sys.stdout.encoding or "").lower()
