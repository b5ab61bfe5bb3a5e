# SPDX-License-Identifier: Apache-2.0
"""`glue-xray runs`: list runs of X-Ray or of a folder of trace files; as text, JSON, one page."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from trace_viewer.files.content import TraceFileError
from trace_viewer.history.cache import Cache, NoCache
from trace_viewer.history.last import time_span
from trace_viewer.history.listing import listed
from trace_viewer.history.page import render_runs_html
from trace_viewer.history.sources import Found, Selection, from_folder, from_xray
from trace_viewer.history.table import render_runs
from trace_viewer.output import say, show, terminal, write
from trace_viewer.xray.session import XRayError

PROGRAM: Final = "glue-xray runs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 1 with one sentence on stderr.

    Example
    -------
    `glue-xray runs --last 7d --job clean-job --html runs.html`
    """
    options = _parser().parse_args(arguments)
    try:
        found = _found(options)
    except (TraceFileError, XRayError) as error:
        say(error, program=PROGRAM)
        return 1
    except KeyboardInterrupt:
        return 130
    runs = listed(found.runs)
    for problem in found.problems:
        say(problem, program=PROGRAM)
    if not runs:
        say(f"no run {_where(options)}.", program=PROGRAM)
        return 1
    contents = {
        "json": lambda: json.dumps([run.to_json() for run in runs], indent=1),
        "html": lambda: render_runs_html(runs, links=_relative(found.links, options.html.parent)),
    }
    wanted = [name for name in contents if getattr(options, name)]
    written = [write(getattr(options, name), contents[name]() + "\n", program=PROGRAM) for name in wanted]
    show(render_runs(runs, **terminal()))
    sys.stdout.flush()
    return 0 if all(written) else 1


def duration(words: str) -> timedelta:
    """Return a time such as `7d`; raises ArgumentTypeError if it is none."""
    try:
        return time_span(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="List runs, newest first: start, state, duration, rows, rejected, cost, worst finding.",
        epilog="Runs that are over are kept below ~/.cache/glue-xray: numbers and names of steps alone.",
    )
    parser.add_argument("--last", type=duration, metavar="7d", help="how far back (m, h, d, w; default: 7d)")
    parser.add_argument("--job", default="", metavar="NAME", help="only runs with a job of this name")
    parser.add_argument("--limit", type=_count, default=200, metavar="N", help="at most so many (200)")
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="trace files in place of X-Ray")
    parser.add_argument("--no-cache", action="store_true", help="read every trace anew, keep nothing")
    parser.add_argument("--json", type=Path, metavar="F", help="write the runs as JSON")
    parser.add_argument("--html", type=Path, metavar="F", help="write one self-contained page with trends")
    return parser


def _count(words: str) -> int:
    if not words.isascii() or not words.isdigit() or not 0 < int(words) <= 10_000:
        raise argparse.ArgumentTypeError(f"{words!r} is no number from 1 to 10000")
    return int(words)


def _found(options: argparse.Namespace) -> Found:
    selection = Selection(options.last, options.job, options.limit)
    if options.files:
        return from_folder(options.files, selection)
    return from_xray(selection, cache=NoCache() if options.no_cache else Cache())


def _where(options: argparse.Namespace) -> str:
    job = f" of job {options.job}" if options.job else ""
    if options.files:
        return f"{job.strip()} in {options.files}".strip()
    return f"{job.strip()} in X-Ray in that time: check region and account, or a longer --last".strip()


def _relative(links: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return links as a page in a folder has them: URLs as they are, paths from there."""
    return {
        trace_id: link if link.startswith("https:") else quote(os.path.relpath(link, folder))
        for trace_id, link in links.items()
    }
