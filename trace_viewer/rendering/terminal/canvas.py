# SPDX-License-Identifier: Apache-2.0
"""Lines of styled text, made a string that fits the terminal."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from trace_viewer.model.text import MINUS

DEFAULT_WIDTH = 120  # characters, when there is no terminal to ask
_DRAWN, _PLAIN = "├└│─━…→›×±·✓✗" + MINUS, "|`|-=~>>x=-+x-"  # noqa: RUF001
_ASCII = str.maketrans(_DRAWN, _PLAIN)


def draw(lines: Iterable[Text], *, width: int, color: bool, ascii_only: bool = False) -> str:
    """Join lines, each cut to `width` characters.

    Parameters
    ----------
    color
        Add ANSI colours.
    ascii_only
        Replace every character that is not ASCII by one that is, `?` at worst.
    """
    target = io.StringIO()
    console = Console(
        file=target, width=width, force_terminal=color, color_system="standard" if color else None,
        highlight=False, markup=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    for line in lines:
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    drawn = "\n".join(line.rstrip() for line in target.getvalue().rstrip().split("\n"))
    return printable(drawn, "ascii") if ascii_only else drawn


def wrap(words: str, width: int) -> list[str]:
    """Break words into lines; a path or an id, which has hyphens, stays whole."""
    return textwrap.wrap(words, max(20, width), break_on_hyphens=False)


def printable(text: str, encoding: str) -> str:
    """Replace what an encoding may lack: lines and signs by ASCII, all else by `?`."""
    return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
