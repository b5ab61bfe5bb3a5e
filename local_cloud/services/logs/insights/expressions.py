# SPDX-License-Identifier: Apache-2.0
"""Expressions as functions of an event and of the group that it stands for in ``stats``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from lark import Token, Transformer, v_args

from local_cloud.emulator import ApiError
from local_cloud.services.logs.insights.functions import AGGREGATE, SCALAR
from local_cloud.services.logs.insights.values import EPOCH, Event, Value, milliseconds, number, period, text

Group = Sequence[Event]
Expression = Callable[[Event, Group], Value]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "/": operator.truediv, "%": operator.mod, "^": operator.pow,
}  # fmt: skip


def refuse(words: str) -> ApiError:
    """Return the error of a query that the service, or this stand-in for it, does not take."""
    return ApiError("MalformedQueryException", words)


def compare(left: Value, sign: str, right: Value) -> bool:
    """Compare as numbers where both are, else as text. With a missing value nothing holds."""
    if left is None or right is None:
        return False
    numbers = number(left), number(right)
    one, other = numbers if None not in numbers else (text(left), text(right))
    return _COMPARISONS[sign](one, other)


@v_args(inline=True)
class Expressions(Transformer[Token, Any]):
    """Turns the part of a query's tree that is an expression into a function."""

    def number(self, token: Token) -> Expression:
        return lambda event, group: float(token)

    def string(self, token: Token) -> Expression:
        return lambda event, group: _unquoted(token)

    def field(self, token: Token) -> Expression:
        return lambda event, group: event.get(token.strip("`"))

    def period(self, token: Token) -> Expression:
        return lambda event, group: period(token)

    def everything(self, _: Token) -> Expression:
        return lambda event, group: True

    def any_of(self, *parts: Expression) -> Expression:
        return lambda event, group: any(part(event, group) for part in parts)

    def all_of(self, *parts: Expression) -> Expression:
        return lambda event, group: all(part(event, group) for part in parts)

    def negate(self, _: Token, inner: Expression) -> Expression:
        return lambda event, group: not inner(event, group)

    def minus(self, _: Token, inner: Expression) -> Expression:
        return self.arithmetic(lambda event, group: 0.0, "-", inner)

    def compare(self, left: Expression, sign: Token, right: Expression) -> Expression:
        return lambda event, group: compare(left(event, group), sign, right(event, group))

    def is_in(self, left: Expression, no: Token | None, *those: Expression) -> Expression:
        def inside(event: Event, group: Group) -> bool:
            return any(compare(left(event, group), "=", one(event, group)) for one in those) is not bool(no)

        return inside

    def like(self, left: Expression, no: Token | None, pattern: Token) -> Expression:
        regular = pattern.type == "REGEX"
        found = compiled(pattern[1:-1] if regular else re.escape(_unquoted(pattern)))
        return lambda event, group: bool(found.search(text(left(event, group)))) is not bool(no)

    def matches(self, left: Expression, pattern: Token) -> Expression:
        return self.like(left, None, pattern)

    def arithmetic(self, left: Expression, sign: str, right: Expression) -> Expression:
        def calculate(event: Event, group: Group) -> Value:
            one, other = number(left(event, group)), number(right(event, group))
            if one is None or other is None or (sign in "/%" and other == 0):
                return None
            return _ARITHMETIC[sign](one, other)

        return calculate

    def call(self, name: Token, *arguments: Expression) -> Expression:
        key, given = name.lower(), [one for one in arguments if one is not None]
        if key in AGGREGATE:
            inner = given[0] if given else self.everything(name)
            return lambda event, group: AGGREGATE[key]([inner(one, ()) for one in group])
        if key == "bin":
            return _binned(given[0])
        if key not in SCALAR:
            raise refuse(f"The local cloud's Logs Insights has no function {name}.")
        return lambda event, group: SCALAR[key](*(one(event, group) for one in given))


def _binned(width: Expression) -> Expression:
    def start(event: Event, group: Group) -> Value:
        moment, size = milliseconds(event.get("@timestamp")), number(width(event, group))
        if moment is None or not size:
            return None
        seconds = moment // size * size / 1000
        return (EPOCH.fromtimestamp(seconds, EPOCH.tzinfo)).strftime("%Y-%m-%d %H:%M:%S.000")

    return start


def _unquoted(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a regular expression; refuses the query when it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise refuse(f"/{pattern}/ is no regular expression: {error}.") from error
