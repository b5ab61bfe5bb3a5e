# SPDX-License-Identifier: Apache-2.0
"""What a comparison with the usual says, for terminal, page and mail alike."""

from __future__ import annotations

from collections.abc import Iterator

from trace_viewer.difference.wording import slower_by
from trace_viewer.history.estimate import Estimate
from trace_viewer.history.usual import FEWEST, Beyond, Verdict
from trace_viewer.model import text
from xray_common.findings.words import counted

STEPS_SHOWN = 5
REASONS_SHOWN = 3
NEW_REASON_SHARE = 0.01  # of a run's rows: rare ones come and go, and are told of the run alone


def sentences(verdict: Verdict) -> Iterator[str]:
    """Yield the verdict, then a line for each step that took longer, with its causes."""
    yield headline(verdict)
    for found in verdict.steps[:STEPS_SHOWN]:
        yield step_sentence(found)
    if len(verdict.steps) > STEPS_SHOWN:
        yield f"and {counted(len(verdict.steps) - STEPS_SHOWN, 'more step')}"
    if verdict.new_reasons:
        yield reasons_sentence(verdict)


def reasons_sentence(verdict: Verdict) -> str:
    """Return for which reasons rows were rejected that were not before."""
    most = list(verdict.new_reasons.items())[:REASONS_SHOWN]
    named = ", ".join(f"{text.plain(reason, 60)} ({rows:,})" for reason, rows in most)
    others = len(verdict.new_reasons) - len(most)
    more = f" and for {counted(others, 'more reason')}" if others else ""
    return f"rows were rejected for {named}{more}, as in none of the {len(verdict.good)} good runs"


def headline(verdict: Verdict) -> str:
    """Return what the run is as a whole."""
    run, usual = verdict.run, verdict.usual
    name = text.plain(run.pipeline, 80)
    if usual is None:
        before = counted(len(verdict.good), "good run")
        return f"{name}: {before} before this one, and it takes {FEWEST} to say what is usual."
    of = f"the last {len(verdict.good)} good runs{_rows(verdict)}"
    takes = f"took {text.duration(run.seconds)}, usually {_about(usual)}, by {of}"
    if verdict.beyond:
        none = "" if verdict.steps else " No single step stands out."
        return f"{name} {slower_by(verdict.beyond.excess, usual.seconds)} than usual: it {takes}.{none}"
    if verdict.steps:
        return f"{name} {takes}; but not its steps:"
    return f"{name} is as usual: it {takes}."


def step_sentence(found: Beyond) -> str:
    """Return by how much a step took longer than usual, and why."""
    assert found.step is not None  # noqa: S101 the whole run is the headline's
    name = text.plain(found.step.name, 120)
    why = "; ".join(cause.sentence for cause in found.causes)
    unknown = "none of what was measured says why (rows, plan, skew, spill, workers, start)"
    if not found.usual.seconds:
        return f"{name} took {text.duration(found.seconds)}: {why or unknown}."
    took = f"took {text.duration(found.seconds)}, usually {_about(found.usual)}"
    return f"{name} {slower_by(found.excess, found.usual.seconds)}: {took}: {why or unknown}."


def _about(usual: Estimate) -> str:
    return f"{text.duration(usual.seconds)} ±{usual.spread:.0%}"


def _rows(verdict: Verdict) -> str:
    rows, usual = verdict.run.rows, verdict.usual_rows
    if not rows or not usual:
        return ""
    times = rows / usual
    than = f" ({times:.1f}× the usual {usual:,})" if not 2 / 3 < times < 1.5 else ""  # noqa: RUF001
    return f" at {rows:,} rows{than}"


def short_verdict(verdict: Verdict) -> str:
    """Return a run that is beyond its usual in few words; empty for any other.

    Such as `+90 %: Write Totals (skew)`.
    """
    return "; ".join(filter(None, (_slower(verdict), _for_new_reasons(verdict))))


def _for_new_reasons(verdict: Verdict) -> str:
    first = next(iter(verdict.new_reasons.items()), None)
    if first is None or first[1] < NEW_REASON_SHARE * (verdict.run.rows or 0):
        return ""
    return f"new reason of rejection: {text.plain(first[0], 60)} ({first[1]:,})"


def _slower(verdict: Verdict) -> str:
    if not verdict.is_beyond:
        return ""
    assert verdict.usual is not None  # noqa: S101 what is beyond a usual has one
    usual = verdict.usual.seconds
    whole = f"+{verdict.beyond.excess / usual * 100:.0f} %" if verdict.beyond and usual else "slower"
    first = next((found for found in verdict.steps if found.step), None)
    if first is None or first.step is None:
        return whole
    why = f" ({', '.join(cause.kind for cause in first.causes[:2])})" if first.causes else ""
    return f"{whole}: {text.plain(first.step.name, 60)}{why}"
