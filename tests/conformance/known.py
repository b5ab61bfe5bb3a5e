# SPDX-License-Identifier: Apache-2.0
"""The differences that are known: why they are kept, or what is to change."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan

from tests.conformance.compare import Difference
from tests.conformance.known_awaited import AWAITED
from tests.conformance.known_kept import KEPT
from tests.conformance.known_type import Known

KNOWN: tuple[Known, ...] = (*KEPT, *AWAITED)


def explain(span: ReadableSpan, difference: Difference) -> Known | None:
    """Find the kind of a difference."""
    return next((known for known in KNOWN if known.applies(span, difference)), None)
