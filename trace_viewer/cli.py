# SPDX-License-Identifier: Apache-2.0
"""The command line: fetch or read one trace, print it, write it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from trace_viewer.fetch import TraceNotFoundError, XRayError, fetch_trace, latest_trace_id
from trace_viewer.html_page import render_html
from trace_viewer.model import EmptyTraceError
from trace_viewer.otlp import to_otlp
from trace_viewer.perfetto import to_perfetto
from trace_viewer.terminal import render_tree
from trace_viewer.trace import Trace, TraceFileError, load

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
    options = _parser().parse_args(arguments)
    try:
        trace = _trace(options)
        print(render_tree(trace, width=_width(), color=_color(), ascii_only=_ascii_only()))
        for name, write in WRITERS.items():
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
    parser.add_argument("--html", type=Path, metavar="F", help="write one self-contained page")
    parser.add_argument("--json", type=Path, metavar="F", help="write the trace as BatchGetTraces returns it")
    parser.add_argument("--otlp", type=Path, metavar="F", help="write OTLP JSON (OpenTelemetry, Jaeger)")
    parser.add_argument("--perfetto", type=Path, metavar="F", help="write a Chrome trace (ui.perfetto.dev)")
    return parser


def _trace(options: argparse.Namespace) -> Trace:
    if options.file:
        return load(options.file)
    return fetch_trace(latest_trace_id(expression=options.filter) if options.latest else options.trace_id)


def _width() -> int | None:
    """Return the width of the terminal (or of COLUMNS); None when output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or os.environ.get("COLUMNS") else None


def _color() -> bool:
    """Colour a terminal only, and not where https://no-color.org says no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _ascii_only() -> bool:
    return "utf" not in (sys.stdout.encoding or "").lower()
