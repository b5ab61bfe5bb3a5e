# SPDX-License-Identifier: Apache-2.0
"""Hides secrets in whatever is about to leave: spans, logs, files, pages.

Always on. What it knows is in ``secret_patterns``; what else an application calls secret is added with
``add_pattern``. What it can and cannot do: docs/security.md, "Secrets".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from re import Match, Pattern
from typing import Any, Final

from xray_common.secret_patterns import HIDDEN, RULES

#: Environment variable with one more pattern.
PATTERNS_VARIABLE: Final = "XRAY_SCRUB_PATTERNS"
_HINTS: Final = tuple(dict.fromkeys(hint for rule in RULES for hint in rule.hints))
_SHORTEST: Final = 5  # characters of a text with a secret: pwd=x
_NAME: Final = re.compile(
    r"(?:pass(?:word|wd|phrase|code)s?(?:[_-]?\d{1,2})?|(?:^|[_.-])pass|pwd|connection[_.-]?string"
    r"|secret(?:[_. -]?(?:access[_. -]?)?key|[_-]?(?:string|value|binary))?"
    r"|(?:api|access|account|private|auth)[_. -]?key|token|authorization|cookie)$",
    re.IGNORECASE,
)
_NAME_WORDS: Final = (
    "pass",
    "pwd",
    "string",
    "secret",
    "key",
    "token",
    "authorization",
    "cookie",
)  # of ``_NAME``
_extra: Final[list[Pattern[str]]] = []


def add_pattern(pattern: str) -> None:
    """Hide what this regular expression matches, too, in this process, from here on.

    Raises
    ------
    re.error
        The pattern is none.
    """
    known = re.compile(pattern)
    if known not in _extra:
        _extra.append(known)
        _scrub_name.cache_clear()


def added_patterns() -> tuple[str, ...]:
    """List what ``add_pattern`` was given, to be added in another process."""
    return tuple(known.pattern for known in _extra)


def scrub(text: str) -> str:
    """Return a text with its secrets replaced by ``***``; one without is returned as it is.

    Examples
    --------
    >>> scrub("cannot open postgresql://etl:hunter2@db:5432/orders")
    'cannot open postgresql://***@db:5432/orders'
    >>> scrub("read 17 rows")
    'read 17 rows'
    """
    if len(text) >= _SHORTEST:
        lowered = text.lower()
        for hint in _HINTS:
            if hint in lowered:
                text = _apply_rules(text, lowered)
                break
    for pattern in _extra:
        text = pattern.sub(_hide, text)
    return text


def scrub_document(value: Any) -> Any:
    """Return a copy of a nested document without its secrets: in texts, and under names such as ``password``.

    Mappings become dicts, lists and tuples stay what they are, however deep they are nested.

    Examples
    --------
    >>> scrub_document({"user": "etl", "password": "hunter2", "urls": ["https://a:b@host"]})
    {'user': 'etl', 'password': '***', 'urls': ['https://***@host']}
    """
    if isinstance(value, str):
        return scrub(value)
    done: list[Any] = []
    waiting: list[tuple[Any, bool]] = [(value, False)]  # a value; whether its parts are in ``done``
    while waiting:
        item, is_open = waiting.pop()
        if is_open:
            done.append(_close(item, done))
        elif isinstance(item, (Mapping, list, tuple)):
            waiting.append((item, True))
            waiting += [(part, False) for part in _parts(item)]
        else:
            done.append(scrub(item) if isinstance(item, str) else item)
    return done[0]


def plainly_clean(documents: Sequence[str]) -> list[bool]:
    r"""Return for each document, a text of JSON, whether it cannot hold a secret.

    It costs a tenth of a scrub. False says nothing: ``scrub_document`` finds out. An escape may hide a word,
    and so may a letter that is not ASCII.

    Examples
    --------
    >>> plainly_clean(['{"rows": 3}', '{"token": "x"}', '{"\\u0074oken": "x"}'])
    [True, False, False]
    """
    everything = "\n".join(documents).lower()
    words = [word for word in ("\\", *_NAME_WORDS, *_HINTS) if word in everything]
    return [
        not _extra and text.isascii() and not any(word in lowered for word in words)
        for text, lowered in zip(documents, map(str.lower, documents))
    ]


@functools.lru_cache(maxsize=1_024)
def is_secret_name(name: str) -> bool:
    """Return whether a value under this name is a secret.

    Examples
    --------
    >>> is_secret_name("spark.db.password"), is_secret_name("password_policy")
    (True, False)
    """
    return _NAME.search(name) is not None


def scrub_value(name: object, value: Any) -> Any:
    """Return the value of a pair without its secrets; numbers, such as those of tokens, are none."""
    if _is_secret(name, value):
        return HIDDEN
    return scrub(value) if isinstance(value, str) else value


def _is_secret(name: object, value: Any) -> bool:
    plain = (bool, int, float, type(None))
    return isinstance(name, str) and not isinstance(value, plain) and is_secret_name(name)


@functools.lru_cache(maxsize=1_024)
def _scrub_name(name: str) -> str:
    """Do the same as ``scrub`` for the names of a mapping, which are few and come again and again."""
    return scrub(name)


def _apply_rules(text: str, lowered: str) -> str:
    for rule in RULES:
        for hint in rule.hints:
            if hint in lowered:
                text = rule.apply(text)
                break
    return text


def _hide(match: Match[str]) -> str:
    return HIDDEN if match[0] else ""


def _parts(container: Any) -> Iterator[Any]:
    """Yield what is in a container, without the values of a mapping that have the name of a secret."""
    if isinstance(container, Mapping):
        return (HIDDEN if _is_secret(name, value) else value for name, value in container.items())
    return iter(container)


def _close(container: Any, done: list[Any]) -> Any:
    """Build a container anew from its parts, which lie on ``done`` in reverse order."""
    if isinstance(container, Mapping):
        return {_scrub_name(name) if isinstance(name, str) else name: done.pop() for name in container}
    parts = [done.pop() for _ in container]
    return tuple(parts) if isinstance(container, tuple) else parts
