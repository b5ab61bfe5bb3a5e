# SPDX-License-Identifier: Apache-2.0
"""The expression of a ``filter``: comparisons, ``like``, ``and``, ``or``, ``not``, and a few functions.

A comparison with a field that the line has not is false.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from local_cloud.insights.fields import Record

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")|(?P<regex>/(?:\\.|[^/\\])*/)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign><=|>=|!=|=~|=|<|>|\(|\)|,)|(?P<word>@?[A-Za-z_][\w.]*))"
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "concat": lambda *parts: "".join(str(part) for part in parts),
    "replace": lambda text, old, new: str(text).replace(old, new),
    "strcontains": lambda text, part: str(part) in str(text),
    "ispresent": lambda value: value is not None,
}
_NONE_IS_FINE = ("ispresent",)
Value = Callable[[Record], Any]
Test = Callable[[Record], bool]


class SyntaxFault(Exception):  # noqa: N818 - SyntaxError is Python's own
    """The expression is not understood here."""


def compile_expression(text: str) -> Test:
    """Return the test for an expression.

    Raises
    ------
    SyntaxFault
        When a part of it is not understood.

    Examples
    --------
    >>> test = compile_expression("level = 'ERROR' or @message like 'a.b'")
    >>> test(Record({"@message": "x a.b"})), test(Record({"@message": "x aXb"}))
    (True, False)
    """
    parser = _Parser(text)
    test = parser.either()
    if parser.peek() is not None:
        raise SyntaxFault(f"{parser.peek()!r} is not expected in {text!r}")
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise SyntaxFault(f"{text[position:]!r} is not understood")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._position = 0

    def peek(self) -> str | None:
        """Return the next token in lower case; None at the end."""
        return self._tokens[self._position][1].lower() if self._position < len(self._tokens) else None

    def either(self) -> Test:
        """``a or b``."""
        tests = [self._both()]
        while self._take("or"):
            tests.append(self._both())
        return lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("and"):
            tests.append(self._one())
        return lambda record: all(test(record) for test in tests)

    def _one(self) -> Test:
        if self._take("not"):
            inner = self._one()
            return lambda record: not inner(record)
        if self._take("("):
            inner = self.either()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        left = self._value()
        negated = self._take("not")
        if self._take("like") or self._take("=~"):
            matches = self._pattern()
            return lambda record: bool(matches(str(left(record) or ""))) is not negated
        if negated:
            raise SyntaxFault("not is followed by like alone")
        sign = self.peek()
        if sign not in _COMPARISONS:
            return lambda record: bool(left(record))
        self._position += 1
        right, compare = self._value(), _COMPARISONS[sign]
        return lambda record: _compared(compare, left(record), right(record))

    def _pattern(self) -> Callable[[str], bool]:
        kind, token = self._next()
        if kind == "regex":
            regex = re.compile(token[1:-1])
            return lambda text: regex.search(text) is not None
        if kind == "text":
            part = _unquoted(token)
            return lambda text: part in text
        raise SyntaxFault(f"like is followed by a text or a pattern, not by {token!r}")

    def _value(self) -> Value:
        kind, token = self._next()
        if kind == "text":
            text = _unquoted(token)
            return lambda record: text
        if kind == "number":
            number = float(token)
            return lambda record: number
        if kind == "word" and self.peek() == "(":
            return self._call(token.lower())
        if kind == "word":
            return lambda record: record.get(token)
        raise SyntaxFault(f"a value is expected, not {token!r}")

    def _call(self, name: str) -> Value:
        if name not in _FUNCTIONS:
            raise SyntaxFault(f"the function {name} is not known")
        self._expect("(")
        arguments = [self._value()]
        while self._take(","):
            arguments.append(self._value())
        self._expect(")")
        function = _FUNCTIONS[name]

        def call(record: Record) -> Any:
            values = [argument(record) for argument in arguments]
            missing = any(value is None for value in values) and name not in _NONE_IS_FINE
            return None if missing else function(*values)

        return call

    def _next(self) -> tuple[str, str]:
        if self._position >= len(self._tokens):
            raise SyntaxFault("the expression ends too early")
        self._position += 1
        return self._tokens[self._position - 1]

    def _take(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self._position += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise SyntaxFault(f"{token!r} is expected before {self.peek()!r}")


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, (int, float)) or isinstance(right, (int, float)):
        try:
            return compare(float(left), float(right))
        except (TypeError, ValueError):
            return False
    return compare(str(left), str(right))
