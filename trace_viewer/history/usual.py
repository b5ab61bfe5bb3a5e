# SPDX-License-Identifier: Apache-2.0
"""A run beside the last good ones of its pipeline: which step took longer than usual at its rows, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from trace_viewer.history.causes import Case, Cause, causes
from trace_viewer.history.estimate import Estimate, estimate
from trace_viewer.history.runs import MOST_REASONS, OK, Run
from trace_viewer.history.steps import Place, Step

FEWEST, MOST = 3, 10  # good runs that make a usual one
# A step is beyond its usual when all four hold; docs/runs.md has the measurement.
SPREADS = 3.0  # robust standard deviations of its own good runs
SHARE = 0.25  # of its usual seconds, where they hardly spread
SHARE_OF_RUN = 0.05  # of the run's usual seconds
SECONDS = 1.0  # a garbage collection or a slow answer of S3 takes as much
SECONDS_OF_RUN = 5.0  # instead, where no step stands out: small delays add up


@dataclass(frozen=True, slots=True)
class Beyond:
    """A step that took longer than usual; `step` is None for the run as a whole."""

    step: Step | None
    seconds: float
    usual: Estimate
    causes: tuple[Cause, ...] = ()

    @property
    def excess(self) -> float:
        """By how many seconds it took longer."""
        return self.seconds - self.usual.seconds


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run is, compared with its usual.

    Attributes
    ----------
    good
        The runs that it was compared with, newest last; too few make no usual.
    usual
        Of the run as a whole, at its number of rows; None without a usual.
    beyond
        The whole run, if it took longer than usual.
    steps
        The steps that did, the largest excess first.
    new_reasons
        Rows that were rejected for a reason that no good run had, by reason.
    """

    run: Run
    good: tuple[Run, ...]
    usual: Estimate | None = None
    beyond: Beyond | None = None
    steps: tuple[Beyond, ...] = ()
    new_reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_beyond(self) -> bool:
        """Whether the run, or a step of it, took longer than usual."""
        return self.beyond is not None or bool(self.steps)

    @property
    def usual_rows(self) -> int | None:
        """The rows of the median good run; None where one did not count them."""
        counts = [run.rows for run in self.good]
        return int(median(filter(None, counts))) if counts and all(counts) else None


def compare_with_usual(run: Run, others: Iterable[Run]) -> Verdict:
    """Compare a run with the good ones of its pipeline that started before it: at most the last ten."""
    good = _good(run, others)
    if len(good) < FEWEST:
        return Verdict(run, good)
    whole = estimate([(other.rows, other.seconds) for other in good], run.rows)
    beyond = Beyond(None, run.seconds, whole)
    steps = [found for step in run.steps if (found := _step(step, run, good, whole.seconds))]
    floor = SECONDS if steps else SECONDS_OF_RUN
    is_slow = run.state == OK and _is_beyond(beyond, whole.seconds, floor)
    steps.sort(key=lambda found: -found.excess)
    return Verdict(run, good, whole, beyond if is_slow else None, tuple(steps), _new_reasons(run, good))


def _new_reasons(run: Run, good: Sequence[Run]) -> dict[str, int]:
    """Return the reasons that no good run had; none where one of these did not say all of its own."""
    if not all(map(_says_why, good)):
        return {}
    known = {reason for other in good for reason in other.rejected_by_reason}
    return {reason: rows for reason, rows in run.rejected_by_reason.items() if rows and reason not in known}


def _says_why(run: Run) -> bool:
    return run.rejected == 0 or (run.rejected is not None and 0 < len(run.rejected_by_reason) < MOST_REASONS)


def _good(run: Run, others: Iterable[Run]) -> tuple[Run, ...]:
    known = {other.id: other for other in others if other.pipeline == run.pipeline and other.state == OK}
    earlier = [other for other in known.values() if other.id != run.id and other.start <= run.start]
    return tuple(sorted(earlier, key=lambda other: other.start)[-MOST:])


def _step(step: Step, run: Run, good: Sequence[Run], run_seconds: float) -> Beyond | None:
    same = [(other, its) for other in good if (its := _at(other, step.place))]
    if len(same) < FEWEST:
        found = Beyond(step, step.seconds, Estimate(0.0, 0.0), (_new(len(same), len(good)),))
        return found if _is_beyond(found, run_seconds) else None
    usual = estimate([(other.rows, its.seconds) for other, its in same], run.rows)
    found = Beyond(step, step.seconds, usual)
    if not _is_beyond(found, run_seconds):
        return None
    case = Case(step, [its for _, its in same], found.excess, _growth(run, good))
    return Beyond(step, step.seconds, usual, tuple(causes(case)))


def _at(run: Run, place: Place) -> Step | None:
    return next((step for step in run.steps if step.place == place), None)


def _new(had: int, count: int) -> Cause:
    return Cause("new step", f"{had or 'none'} of the {count} good runs had this step")


def _is_beyond(found: Beyond, run_seconds: float, floor: float = SECONDS) -> bool:
    own = found.usual.seconds * max(SHARE, SPREADS * found.usual.spread)
    return found.excess > max(own, SHARE_OF_RUN * run_seconds, floor)


def _growth(run: Run, good: Sequence[Run]) -> float:
    most = max((other.rows or 0 for other in good), default=0)
    return run.rows / most if run.rows and most else 1.0
