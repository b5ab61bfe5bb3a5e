# SPDX-License-Identifier: Apache-2.0
"""The words and signs of an expression."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")|(?P<regex>/(?:\\.|[^/\\])*/)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign><=|>=|!=|=~|=|<|>|\(|\)|,)|(?P<word>@?[A-Za-z_][\w.]*))"
)


class SyntaxFault(Exception):  # noqa: N818 - SyntaxError is Python's own
    """The expression is not understood here."""


def tokens(text: str) -> list[tuple[str, str]]:
    """Return kind and text of each: ``text``, ``regex``, ``number``, ``sign`` or ``word``.

    Raises
    ------
    SyntaxFault
        When a part is none of them.
    """
    found, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise SyntaxFault(f"{text[position:]!r} is not understood")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


def unquoted(token: str) -> str:
    """Return what a text in quotation marks says."""
    return re.sub(r"\\(.)", r"\1", token[1:-1])
