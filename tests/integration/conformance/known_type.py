# SPDX-License-Identifier: Apache-2.0
"""What a known difference is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from opentelemetry.sdk.trace import ReadableSpan

from tests.integration.conformance.compare import Difference

Applies = Callable[[ReadableSpan, Difference], bool]


@dataclass(frozen=True, kw_only=True)
class Known:
    """A kind of difference.

    Attributes
    ----------
    name
        Short name.
    reason
        Why it is kept.
    applies
        Returns whether a difference of a span is of this kind.
    """

    name: str
    reason: str
    applies: Applies
