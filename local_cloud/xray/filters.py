# SPDX-License-Identifier: Apache-2.0
"""Filter expressions of GetTraceSummaries: a useful part of the language.

Keywords: ``ok error throttle fault partial``, ``responsetime duration http.status``, ``http.url http.method
http.useragent http.clientip user name type``, ``annotation.key`` and ``annotation[key]``,
``service("name")`` and ``service(id(name: "a", type: "b"))`` with an optional ``{ expression }``; ``= != <
<= > >= CONTAINS BEGINSWITH ENDSWITH``, ``AND OR NOT !`` and parentheses. Anything else is refused, as the
service refuses what it cannot read.
https://docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-console.html#console-filters
"""

from __future__ import annotations

import re
from typing import Any

from local_cloud.xray.errors import InvalidRequestError
from local_cloud.xray.filter_terms import COMPARISONS, Matches, comparison_term, flag_term, service_term

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.:]*(?:\[[\w.:]+\])?)'
    r"|(?P<sign><=|>=|!=|[=<>!(){},:]))"
)


def compile_filter(expression: str | None) -> Matches:
    """Return the test that an expression stands for.

    Raises
    ------
    InvalidRequestError
        The expression cannot be read.

    Examples
    --------
    >>> is_listing = compile_filter('annotation.dataset = "orders" AND NOT fault')
    """
    if not expression or not expression.strip():
        return lambda _: True
    parser = _Parser(_tokens(expression))
    matches = parser.disjunction()
    parser.expect_end()
    return matches


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while expression[position:].strip():
        found = _TOKEN.match(expression, position)
        if found is None:
            raise InvalidRequestError(f"Invalid filter expression at {expression[position:].strip()[:20]!r}.")
        kind = str(found.lastgroup)
        text = found.group(kind)
        tokens.append((kind, re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "string" else text))
        position = found.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens

    def expect_end(self) -> None:
        if self._tokens:
            raise InvalidRequestError(f"Invalid filter expression at {self._tokens[0][1]!r}.")

    def disjunction(self) -> Matches:
        left = self._conjunction()
        while self._accept_word("OR"):
            left = _either(left, self._conjunction())
        return left

    def _conjunction(self) -> Matches:
        left = self._negation()
        while self._accept_word("AND"):
            left = _both(left, self._negation())
        return left

    def _negation(self) -> Matches:
        if self._accept_word("NOT") or self._accept_sign("!"):
            inner = self._negation()
            return lambda trace: not inner(trace)
        if self._accept_sign("("):
            inner = self.disjunction()
            self._expect_sign(")")
            return inner
        return self._term()

    def _term(self) -> Matches:
        word = self._take("word")
        if word.lower() == "service":
            return self._service()
        sign = self._comparison()
        if sign is None:
            return flag_term(word)
        kind, value = self._tokens.pop(0) if self._tokens else ("", "")
        if kind not in ("string", "number") and value not in ("true", "false"):
            raise InvalidRequestError(f"Invalid filter expression: {word} {sign} needs a value.")
        wanted: Any = value if kind == "string" else float(value) if kind == "number" else value == "true"
        return comparison_term(word, sign, wanted)

    def _service(self) -> Matches:
        self._expect_sign("(")
        name, kind = (None, None) if self._peek_sign(")") else self._service_name()
        self._expect_sign(")")
        inner: Matches = lambda _: True  # noqa: E731
        if self._accept_sign("{"):
            if not self._peek_sign("}"):
                inner = self.disjunction()
            self._expect_sign("}")
        return service_term(name, kind, inner)

    def _service_name(self) -> tuple[str | None, str | None]:
        if self._tokens and self._tokens[0][0] == "string":
            return self._take("string"), None
        fields: dict[str, str] = {}
        self._expect_word("id")
        self._expect_sign("(")
        while not self._peek_sign(")"):
            key = self._take("word").rstrip(":")
            self._accept_sign(":")
            fields[key] = self._take("string")
            self._accept_sign(",")
        self._expect_sign(")")
        return fields.get("name"), fields.get("type")

    def _comparison(self) -> str | None:
        if self._tokens:
            kind, text = self._tokens[0]
            name = text.upper() if kind == "word" else text
            if kind in ("sign", "word") and name in COMPARISONS:
                self._tokens.pop(0)
                return name
        return None

    def _take(self, kind: str) -> str:
        if not self._tokens or self._tokens[0][0] != kind:
            found = repr(self._tokens[0][1]) if self._tokens else "the end"
            raise InvalidRequestError(f"Invalid filter expression at {found}: a {kind} is missing.")
        return self._tokens.pop(0)[1]

    def _accept_word(self, word: str) -> bool:
        if self._tokens and self._tokens[0][0] == "word" and self._tokens[0][1].upper() == word:
            self._tokens.pop(0)
            return True
        return False

    def _expect_word(self, word: str) -> None:
        if self._take("word") != word:
            raise InvalidRequestError(f"Invalid filter expression: {word} is missing.")

    def _peek_sign(self, sign: str) -> bool:
        return bool(self._tokens) and self._tokens[0] == ("sign", sign)

    def _accept_sign(self, sign: str) -> bool:
        if self._peek_sign(sign):
            self._tokens.pop(0)
            return True
        return False

    def _expect_sign(self, sign: str) -> None:
        if not self._accept_sign(sign):
            raise InvalidRequestError(f"Invalid filter expression: {sign} is missing.")


def _either(left: Matches, right: Matches) -> Matches:
    return lambda trace: left(trace) or right(trace)


def _both(left: Matches, right: Matches) -> Matches:
    return lambda trace: left(trace) and right(trace)
