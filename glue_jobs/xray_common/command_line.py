# SPDX-License-Identifier: Apache-2.0
"""The words of a command line as names and values, where a value is whatever follows its name.

A job's values come from outside: the name of an uploaded file, its metadata, the id of an Airflow run. One
that begins with ``-`` must not become an option of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Argument(NamedTuple):
    """One option: its name with the dashes, and its value; None where the line ends behind the name."""

    name: str
    value: str | None


def named_arguments(argv: Sequence[str]) -> Iterator[Argument]:
    """Pair the names on a command line with their values.

    A value stands behind a ``=`` or is the next word, whatever it looks like: Glue hands every argument over
    as two words. So a flag without a value takes the next word too: write flags last, or as ``--flag=on``.
    Words that follow no name are passed over; behind ``--`` there are no names.

    Examples
    --------
    >>> [tuple(one) for one in named_arguments(["--comment", "--traces=off", "--day=-1", "x", "--last"])]
    [('--comment', '--traces=off'), ('--day', '-1'), ('--last', None)]
    """
    words = iter(argv)
    for word in words:
        if word == "--":
            return
        if not word.startswith("-") or word == "-":
            continue
        name, joined, value = word.partition("=")
        yield Argument(name, value if joined else next(words, None))
