# SPDX-License-Identifier: Apache-2.0
"""Where a line of CSV leaves off: between two records, or inside quotes, so that its record goes on.

A line break inside quotes looks like any other, so that whoever begins in the middle of a file does not know
which of the two lies before it. What a line does is known for either case; see ``splits``.
"""

from __future__ import annotations

from typing import Final

_COMMA: Final = ord(",")


def after_line(line: bytes, *, inside: bool) -> bool | None:
    r"""Return whether the end of a line is inside quotes.

    Parameters
    ----------
    line
        Without its line break; a ``\r`` of one may end it.
    inside
        Whether the beginning of the line is inside quotes.

    Returns
    -------
    bool or None
        None when there is a quote where RFC 4180 has none: in a field without quotes, or with something
        between a closing quote and the next comma. Readers differ in what they make of such a line.

    Examples
    --------
    >>> [after_line(line, inside=False) for line in (b'1,"a, b",2', b'1,"a', b'1,5" pipe', b'1,"a""b')]
    [False, True, None, True]
    >>> after_line(b'the ""end"" of it",2', inside=True)
    False
    """
    *pieces, last = line.split(b'"')
    closing = False  # behind a quote inside quotes: it closes the field, or is the first of two
    for piece in pieces:  # each has a quote behind it
        if closing:
            if piece and (piece[0] != _COMMA or piece[-1] != _COMMA):
                return None
            closing = False
        elif inside:
            closing = True
        elif piece and piece[-1] != _COMMA:
            return None
        else:
            inside = True
    if closing:
        return False if last in (b"", b"\r") or last[0] == _COMMA else None
    return inside
