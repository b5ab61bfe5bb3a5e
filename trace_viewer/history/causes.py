# SPDX-License-Identifier: Apache-2.0
"""Why a step took longer than usual: what was measured of it that no good run had.

Each cause is silent unless its number is outside of all the good runs', by the margin beside it. Nothing is
concluded from what was not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from trace_viewer.history import steps as facts
from trace_viewer.history.steps import Step
from trace_viewer.model import text

FEWER = 0.8  # of the usual cores or workers: one of five is gone
TIMES = 2.0  # the largest of the good runs
EXPLAINS = 0.3  # of the excess: less is another cause
GC_MORE = 0.1  # of the tasks' time
CPU_LESS = 0.5  # of the smallest share of the good runs
SPILL_BYTES = 1_000_000  # less is no cause of anything
NAMED = 2  # steps named in one sentence


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind, such as `skew`, and its sentence with the numbers."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Case:
    """A step that took longer, the same step of the good runs, and by how many seconds it is beyond them.

    `growth` is how many times the rows of the usual run this run has.
    """

    step: Step
    good: Sequence[Step]
    excess: float
    growth: float = 1.0

    def now(self, fact: str) -> float | None:
        """Return a fact of the step; None where it was not measured."""
        return self.step.facts.get(fact)

    def usual(self, fact: str) -> list[float]:
        """Return a fact of all the good runs that measured it."""
        return [step.facts[fact] for step in self.good if fact in step.facts]


def causes(case: Case) -> list[Cause]:
    """Return why the step took longer, the surest first; empty when nothing that was measured says it."""
    found = [cause for kind, check in _CHECKS for cause in (Cause(kind, words) for words in check(case))]
    return found or [Cause("waiting", words) for words in _waiting(case)]


def _done_again(case: Case) -> Iterator[str]:
    known = {name for step in case.good for name in step.again}
    new = [name for name in case.step.again if name not in known]
    if new:
        named = ", ".join(text.plain(name, 60) for name in new[-NAMED:])  # the last is nearest to the action
        yield f"did the work of {named} again, which another step did, too: not cached?"


def _other_plan(case: Case) -> Iterator[str]:
    known = {plan for step in case.good for plan in step.plans}
    if known and set(case.step.plans) - known:
        yield f"Spark chose another plan than in {_all(len(case.good))}"


def _fewer_workers(case: Case) -> Iterator[str]:
    for fact in (facts.CORES, facts.WORKERS):
        now, usual = case.now(fact), case.usual(fact)
        if now is not None and usual and now < FEWER * median(usual):
            yield f"{now:g} {fact if now != 1 else fact[:-1]}, usually {median(usual):g}"
            return


def _skew(case: Case) -> Iterator[str]:
    now, lost = case.now(facts.SKEW), case.now(facts.SKEW_SECONDS)
    usual, usually_lost = case.usual(facts.SKEW), case.usual(facts.SKEW_SECONDS)
    if now is None or lost is None or not usual:
        return
    if now > TIMES * max(usual) and lost - median(usually_lost) >= EXPLAINS * case.excess:
        rest = text.duration(lost)
        yield f"skew {now:.1f}× (longest task {rest} over the median one), usually {median(usual):.1f}×"  # noqa: RUF001


def _spill(case: Case) -> Iterator[str]:
    now, usual = case.now(facts.SPILLED), case.usual(facts.SPILLED)
    if now is not None and usual and now > max(SPILL_BYTES, TIMES * max(usual) * max(1.0, case.growth)):
        yield f"spilled {text.size(int(now))} to disk, usually {text.size(int(median(usual)))}"


def _colder_start(case: Case) -> Iterator[str]:
    now, usual = case.now(facts.START), case.usual(facts.START)
    if now is not None and usual and now - median(usual) >= EXPLAINS * case.excess:
        yield f"its job started after {text.duration(now)}, usually after {text.duration(median(usual))}"


def _retries(case: Case) -> Iterator[str]:
    now, usual = case.now(facts.FAILED), case.usual(facts.FAILED)
    if now and usual and now > max(usual):
        yield f"{int(now):,} failed {'task' if now == 1 else 'tasks'}, usually {int(median(usual)):,}"


def _garbage(case: Case) -> Iterator[str]:
    now, usual = case.now(facts.GC), case.usual(facts.GC)
    if now is not None and usual and now > max(usual) + GC_MORE:
        yield f"garbage collection took {now:.0%} of its tasks' time, usually {median(usual):.0%}"


def _more_rows(case: Case) -> Iterator[str]:
    """Judge the rows of the step itself, which may read more than the job: the other side of a join."""
    now, usual = case.now(facts.RECORDS), case.usual(facts.RECORDS)
    again_or_other = [*_done_again(case), *_other_plan(case)]
    if now and usual and not again_or_other and now > TIMES * max(usual) * max(1.0, case.growth):
        yield f"read {int(now):,} records, usually {int(median(usual)):,}"


def _waiting(case: Case) -> Iterator[str]:
    now, usual = case.now(facts.CPU), case.usual(facts.CPU)
    if now is not None and usual and now < CPU_LESS * min(usual):
        yield f"its tasks computed {now:.0%} of their time, usually {median(usual):.0%}: they waited"


_CHECKS: tuple[tuple[str, Callable[[Case], Iterator[str]]], ...] = (
    ("work done again", _done_again),
    ("other plan", _other_plan),
    ("skew", _skew),
    ("fewer workers", _fewer_workers),
    ("spill", _spill),
    ("retries", _retries),
    ("garbage collection", _garbage),
    ("more rows", _more_rows),
    ("colder start", _colder_start),
)


def _all(count: int) -> str:
    return f"all {count} good runs"
