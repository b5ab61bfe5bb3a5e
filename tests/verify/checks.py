# SPDX-License-Identifier: Apache-2.0
"""A check: a claim, where it is made, and what shows it. One that fails leaves the others running."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from demo.display import console
from tests.verify.evidence import Evidence

POLL_S = 2.0


class NotVerifiableError(Exception):
    """This deployment cannot show it; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the report.

    Attributes
    ----------
    observe
        Returns what was seen, in a phrase; raises when it is not as claimed, or cannot be seen here.
    source
        Page that makes the claim.
    account_only
        Whether a local cloud shows nothing of it.
    documentation_only
        The words of README's "What was verified" that name it as resting on documentation alone.
    """

    id: str
    claim: str
    source: str
    observe: Callable[[Evidence], str]
    account_only: bool = False
    documentation_only: str | None = None


@dataclass(frozen=True)
class Result:
    """What became of a check; ``verified`` is None where it could not be made."""

    check: Check
    verified: bool | None
    observed: str

    def to_json(self) -> dict[str, Any]:
        """Return the report's entry."""
        return {
            "id": self.check.id,
            "claim": self.check.claim,
            "verified": self.verified,
            "observed": self.observed,
            "source": self.check.source,
        }


def run_checks(checks: Sequence[Check], evidence: Evidence, patience_s: float) -> list[Result]:
    """Make every check; again and again those that fail, until the common deadline: AWS needs its time."""
    results = {check.id: _attempt(check, evidence) for check in checks}
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        failed = [check for check in checks if results[check.id].verified is False]
        if not failed:
            break
        time.sleep(POLL_S)
        results |= {check.id: _attempt(check, evidence) for check in failed}
    return list(results.values())


def not_reached(checks: Sequence[Check], why: str) -> list[Result]:
    """Return the results of checks that were not made."""
    return [Result(check, None, f"not reached: {why}") for check in checks]


def show(result: Result) -> None:
    """Print a result as a line."""
    mark = {True: "✓", False: "✗", None: "-"}[result.verified]
    style = {True: "green", False: "red", None: "dim"}[result.verified]
    console.print(mark, result.check.claim, f"({result.observed})", style=style, markup=False, soft_wrap=True)


def _attempt(check: Check, evidence: Evidence) -> Result:
    if check.account_only and evidence.local:
        return Result(check, None, "only an AWS account can show it: the local cloud has nothing of the kind")
    try:
        return Result(check, True, check.observe(evidence))
    except NotVerifiableError as reason:
        return Result(check, None, str(reason))
    except AssertionError as error:
        return Result(check, False, _sentence(error))
    except Exception as error:  # the report says it, and the other checks go on
        return Result(check, False, f"{type(error).__name__}: {_sentence(error)}")


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())
