# SPDX-License-Identifier: Apache-2.0
"""Spark's text of expressions: ``sha2(cast(name#20 as binary), 256) AS h#45``.

A number after ``#`` is an expression id: unique in the application, kept by the optimizer as long as the
column keeps its meaning (``org.apache.spark.sql.catalyst.expressions.ExprId``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_ID: Final = re.compile(r"#(\d+)")
_ANY_ID: Final = re.compile(r"#\d+L?")
_BARE: Final = re.compile(r"^[^()\[\],]*#\d+L?$")
_ALIAS: Final = re.compile(r"^(?P<expression>.*) AS (?P<name>[^()]*)#(?P<id>\d+)L?$", re.DOTALL)
_LITERAL_CAST: Final = re.compile(r"cast\((-?[\w.:\- ]+?) as [a-z]+(?:\(\d+(?:,\s*\d+)?\))?\)")
_WHOLE_DECIMAL: Final = re.compile(r"(?<![\w.#])(-?\d+)\.0+(?![\w.])")
_AGGREGATE_MODE: Final = re.compile(r"^(?:partial_|merge_|finalmerge_)")
_RESULT_ID: Final = re.compile(r"(?:\(\))?#\d+L?$")
_TOKEN: Final = re.compile(r"[()\[\]{},]")
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"
TRUNCATED: Final = " more field"  # "... 3 more fields", see spark.sql.debug.maxToStringFields


def ids(text: str) -> frozenset[int]:
    """Return the expression ids in a text.

    Examples
    --------
    >>> sorted(ids("(price#3 * fee#12L)"))
    [3, 12]
    """
    return frozenset(int(number) for number in _ID.findall(text))


def ids_of(texts: Iterable[str]) -> frozenset[int]:
    """Return the expression ids in some texts."""
    return frozenset().union(*map(ids, texts))


def without_ids(text: str) -> str:
    """Return a text with the names of columns only.

    Examples
    --------
    >>> without_ids("(price#3 * fee#12L)")
    '(price * fee)'
    """
    return _ANY_ID.sub("", text)


def is_bare(text: str) -> bool:
    """Return whether an expression is a column and nothing else.

    Examples
    --------
    >>> is_bare("price#3"), is_bare("upper(name#4)")
    (True, False)
    """
    return _BARE.match(text) is not None


def split(text: str) -> list[str]:
    """Split a list at its commas, not at those inside brackets.

    Examples
    --------
    >>> split("a#1, concat(a#1, b#2) AS c#3")
    ['a#1', 'concat(a#1, b#2) AS c#3']
    """
    parts, depth, start = [], 0, 0
    for token in _TOKEN.finditer(text):
        character = token[0]
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth -= 1
        elif depth == 0:
            parts.append(text[start : token.start()].strip())
            start = token.end()
    last = text[start:].strip()
    return [*parts, last] if last else parts


def bracketed(text: str) -> list[str]:
    """Return the contents of the outermost square brackets: ``[a#1], [b#2, c#3]``."""
    found, depth, start = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] in _OPEN:
            start = token.start() if depth == 0 else start
            depth += 1
        elif token[0] in _CLOSE:
            depth -= 1
            if depth == 0 and text[start] == "[":
                found.append(text[start + 1 : token.start()])
    return found


def alias(text: str) -> tuple[int, str, str] | None:
    """Read ``expression AS name#id`` as id, name, expression; None when it is something else."""
    found = _ALIAS.match(text)
    return (int(found["id"]), found["name"], found["expression"]) if found else None


def normal(text: str) -> str:
    """Write literals as the optimizer does, which folds their casts.

    Examples
    --------
    >>> normal("(price#25 > cast(10 as double))"), normal("(price#25 > 10.0)")
    ('(price#25 > 10)', '(price#25 > 10)')
    """
    before = None
    while before != text:
        before, text = text, _LITERAL_CAST.sub(lambda found: found[0] if "#" in found[1] else found[1], text)
    return _WHOLE_DECIMAL.sub(r"\1", text)


def conjuncts(condition: str) -> list[str]:
    """Split ``((a AND b) AND c)`` at its ANDs.

    Examples
    --------
    >>> conjuncts("((isnotnull(a#1) AND (a#1 > 3)) AND isnotnull(b#2))")
    ['isnotnull(a#1)', '(a#1 > 3)', 'isnotnull(b#2)']
    """
    text = condition.strip()
    if _is_wrapped(text):
        parts = list(_split_and(text[1:-1]))
        if len(parts) > 1:
            return [found for part in parts for found in conjuncts(part)]
    return [text]


def is_plain_function(text: str) -> bool:
    """Return whether an aggregate function, in any of its modes, takes columns and literals only.

    Examples
    --------
    >>> is_plain_function("partial_sum(price#3)"), is_plain_function("first(price#3)()#7")
    (True, True)
    >>> is_plain_function("sum((price#3 * 2))#9")
    False
    """
    inner = _RESULT_ID.sub("", _AGGREGATE_MODE.sub("", text))
    _, opened, rest = inner.partition("(")
    arguments = rest.rpartition(")")[0].removeprefix("distinct ")
    return bool(opened) and all(is_bare(part) or "#" not in part for part in split(arguments))


def _is_wrapped(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position == len(text) - 1
    return False


def _split_and(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for position, character in enumerate(text):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth == 0 and text.startswith(" AND ", position):
            yield text[start:position]
            start = position + 5
    yield text[start:]
