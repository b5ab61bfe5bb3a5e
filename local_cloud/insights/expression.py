# SPDX-License-Identifier: Apache-2.0
"""The expression of a ``filter``: comparisons, ``like``, ``and``, ``or``, ``not``, and a few functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from local_cloud.insights.fields import Record
from local_cloud.insights.tokens import SyntaxFault, tokens, unquoted
from local_cloud.insights.values import COMPARISONS, FUNCTIONS, called, compared

Value = Callable[[Record], Any]
Test = Callable[[Record], bool]


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


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
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
        if sign not in COMPARISONS:
            return lambda record: bool(left(record))
        self._position += 1
        right, compare = self._value(), COMPARISONS[sign]
        return lambda record: compared(compare, left(record), right(record))

    def _pattern(self) -> Callable[[str], bool]:
        kind, token = self._next()
        if kind == "regex":
            regex = re.compile(token[1:-1])
            return lambda text: regex.search(text) is not None
        if kind == "text":
            part = unquoted(token)
            return lambda text: part in text
        raise SyntaxFault(f"like is followed by a text or a pattern, not by {token!r}")

    def _value(self) -> Value:
        kind, token = self._next()
        if kind == "text":
            text = unquoted(token)
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
        if name not in FUNCTIONS:
            raise SyntaxFault(f"the function {name} is not known")
        self._expect("(")
        arguments = [self._value()]
        while self._take(","):
            arguments.append(self._value())
        self._expect(")")
        return lambda record: called(name, [argument(record) for argument in arguments])

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
