# SPDX-License-Identifier: Apache-2.0
"""What a known difference is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from opentelemetry.sdk.trace import ReadableSpan

from tests.conformance.compare import Difference

Applies = Callable[[ReadableSpan, Difference], bool]


@dataclass(frozen=True, kw_only=True)
class Known:
    """A kind of difference.

    Attributes
    ----------
    name
        Short name.
    stance
        ``kept`` on purpose, or ``awaited``: our translator is to change.
    reason
        Why it is kept, or what is to change.
    applies
        Tells whether a difference of a span is of this kind.
    """

    name: str
    stance: Literal["kept", "awaited"]
    reason: str
    applies: Callable[[ReadableSpan, Difference], bool]


def said(span: ReadableSpan, *keys: str) -> bool:
    """Tell whether a span has one of the attributes."""
    attributes: Any = span.attributes or {}
    return any(key in attributes for key in keys)


def at(*patterns: str) -> Applies:
    """Make a test for fields at paths (regular expressions)."""
    expression = re.compile("|".join(patterns))
    return lambda _, difference: expression.fullmatch(difference.path) is not None
