# SPDX-License-Identifier: Apache-2.0
"""The table of faults: each is a function with a name, a place, and what must be true afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.nightly.faults.world import World


class Phase(Enum):
    """When a fault may run beside others."""

    BESIDE = "beside"  # touches nothing but its own uploads
    ALONE = "alone"  # switches something that all runs of the cloud share
    SLOW = "slow"  # alone, and takes minutes


class Unmet(AssertionError):  # noqa: N818 - not an error: what was expected did not come true
    """What the fault's row promises is not so; the text says what was seen instead."""


@dataclass(frozen=True)
class Finding:
    """What a fault has shown.

    Attributes
    ----------
    observed
        One sentence for the table.
    rows_lost
        Rows that are in no output of the run and not in an untouched input either.
    spans_lost
        Spans that were made and are in no trace, spilled spans that were sent later not among them.
    spans_lost_counted
        Those of them that the trace or the job's log accounts for.
    """

    observed: str
    rows_lost: int = 0
    spans_lost: int = 0
    spans_lost_counted: int = 0

    @property
    def is_met(self) -> bool:
        return self.rows_lost == 0 and self.spans_lost == self.spans_lost_counted


Check = Callable[["World"], Finding]


@dataclass(frozen=True)
class Fault:
    """One row before it was tried."""

    group: str
    name: str
    where: str
    expected: str
    phase: Phase
    check: Check

    @property
    def title(self) -> str:
        return f"{self.group}/{self.name}"


FAULTS: list[Fault] = []


def fault(
    group: str, name: str, *, where: str, expected: str, phase: Phase = Phase.BESIDE
) -> Callable[[Check], Check]:
    """Put a function into the table.

    Examples
    --------
    >>> @fault("s3", "test event", where="Lambda", expected="nothing starts")  # doctest: +SKIP
    ... def test_event(world): ...
    """

    def add(check: Check) -> Check:
        FAULTS.append(Fault(group, name, where, expected, phase, check))
        return check

    return add


def expect(is_so: object, otherwise: str) -> None:
    """Go on when it is so.

    Raises
    ------
    Unmet
        With what was seen otherwise.
    """
    if not is_so:
        raise Unmet(otherwise)
