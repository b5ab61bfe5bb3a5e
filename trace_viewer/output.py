# SPDX-License-Identifier: Apache-2.0
"""Where a command's output goes: what the terminal can show, files, and sentences on stderr."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from trace_viewer.model import text
from trace_viewer.rendering.terminal.canvas import printable

PROGRAM: Final = "glue-xray view"  # as it is typed; `python -m trace_viewer` is the same command


def terminal() -> dict[str, Any]:
    """Return what the terminal can show, as the renderers take it."""
    return {"width": width(), "color": color()}


def width() -> int | None:
    """Return the width of the terminal (or of COLUMNS); None when output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or os.environ.get("COLUMNS") else None


def color() -> bool:
    """Return whether to colour: a terminal only, and not where https://no-color.org applies."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show(drawn: str, *, end: str = "\n") -> None:
    """Print text as the terminal can: one of Windows has umlauts, and no lines."""
    encoding = sys.stdout.encoding or "ascii"
    print(drawn if "utf" in encoding.lower() else printable(drawn, encoding), end=end)


def say(message: object, *, program: str = PROGRAM) -> None:
    """Print a sentence on stderr, without secrets."""
    print(f"{program}: {text.sentence(message)}", file=sys.stderr)


def write(target: Path, content: str, *, program: str = PROGRAM) -> bool:
    """Write a file and say so; return whether it is there."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    except OSError as error:
        say(f"{error.filename or target} cannot be written: {error.strerror}", program=program)
        return False
    print(f"wrote {text.plain(target)}", file=sys.stderr)
    return True
