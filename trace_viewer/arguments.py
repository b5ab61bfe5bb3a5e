# SPDX-License-Identifier: Apache-2.0
"""The options of the command line, and which of them go together."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from trace_viewer.model import text
from trace_viewer.model.names import xray_trace_id
from trace_viewer.output import PROGRAM

FILES = {
    "json": "the trace as BatchGetTraces returns it",
    "html": "one self-contained page",
    "otlp": "OTLP JSON (OpenTelemetry, Jaeger)",
    "perfetto": "a Chrome trace (ui.perfetto.dev)",
    "findings": "what made the run slow or lossy, worst first, as JSON",
}
"""The options that write a file, and what it is."""


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; end with a usage error where options exclude each other."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.trace is not None and (problem := _take(options)):
        parser.error(problem)
    options.written = [name for name in FILES if getattr(options, name)]
    if problem := _problem(options):
        parser.error(problem)
    if options.trace_id and not options.file:
        options.trace_id = xray_trace_id(options.trace_id)
    return options


class _Parser(argparse.ArgumentParser):
    """Prints words of the command line, which may be names of files, as plain text."""

    def error(self, message: str) -> NoReturn:
        super().error(text.sentence(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Show one trace of AWS X-Ray or OpenTelemetry: a tree here, a page, JSON.",
        epilog="Credentials, region and endpoint (AWS_ENDPOINT_URL_XRAY) are those of the AWS SDK.",
    )
    parser.add_argument(
        "trace", nargs="?", metavar="TRACE", help="a trace id, or a file: as --trace-id, --file"
    )
    parser.add_argument(
        "--trace-id",
        metavar="ID",
        help="this trace, such as 1-6920173c-5f8a2c1f3d4e5b6a7c8d9e0f; with --file, one of that file",
    )
    parser.add_argument("--latest", action="store_true", help="the newest trace, within a day")
    parser.add_argument(
        "--file",
        metavar="F",
        help="a file of traces, - for standard input: what the AWS CLI or --json wrote, OTLP JSON",
    )
    parser.add_argument("--filter", default="", metavar="EXPR", help="X-Ray filter expression for --latest")
    parser.add_argument(
        "--compare",
        metavar="B",
        help="what changed from the trace to this one: a trace id, latest, or a file",
    )
    parser.add_argument(
        "--usual",
        nargs="?",
        const="",
        metavar="FOLDER",
        help="say which steps took longer than in the last good runs, and why; runs of X-Ray or of FOLDER",
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
    parser.add_argument(
        "--exit-status",
        action="store_true",
        help="end with 2 if the run has failed",
    )
    for name, what in FILES.items():
        parser.add_argument(f"--{name}", type=Path, metavar="F", help=f"write {what}")
    return parser


def _take(options: argparse.Namespace) -> str:
    """Put the word without an option where it belongs; return why it cannot be, empty where it can."""
    word = options.trace
    is_id = bool(xray_trace_id(word))
    if not is_id and word != "-" and not (word and Path(word).exists()):
        return f"{word!r} is neither a trace id, 1-<8 hex digits>-<24 hex digits>, nor a file"
    name = "trace_id" if is_id else "file"
    if getattr(options, name):
        return f"{word} and --{name.replace('_', '-')} are one too many"
    setattr(options, name, word)
    return ""


def _problem(options: argparse.Namespace) -> str:
    """Return why the options do not go together; empty where they do."""
    has_source = bool(options.trace_id or options.latest or options.file)
    if not has_source or (options.latest and (options.trace_id or options.file)):
        return "name one trace: its id, --latest, or --file F"
    if options.trace_id and not options.file and not xray_trace_id(options.trace_id):
        return f"--trace-id {options.trace_id!r} is no trace id: expected 1-<8 hex digits>-<24 hex digits>"
    if options.filter and not options.latest:
        return "--filter chooses among the traces of X-Ray: it needs --latest"
    if options.follow and (options.file or options.serve is not None):
        return "--follow needs a trace of X-Ray and the terminal: not --file, not --serve"
    if options.usual is not None and (options.compare or options.follow or options.serve is not None):
        return "--usual compares one run that is over: not with --compare, --follow or --serve"
    if options.usual == "" and options.file:
        return "--usual needs the folder of the other runs' files where the run is a file: --usual FOLDER"
    if options.serve is not None and options.written:
        return f"--serve writes no file: leave out --{options.written[0]}"
    if options.compare and set(options.written) - {"html"}:
        return f"a comparison is written with --html, not with --{options.written[-1]}"
    return ""
