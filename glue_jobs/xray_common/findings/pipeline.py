# SPDX-License-Identifier: Apache-2.0
"""Rules for what is around Spark: starts, states of a state machine, rows. Each may return a finding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from xray_common import conventions as names
from xray_common.findings.finding import CRITICAL, Finding
from xray_common.findings.limits import Limits
from xray_common.findings.span import Span
from xray_common.findings.words import counted, duration, percent
from xray_common.numbers import as_measured

_START: Final = "StartJobRun"
_REASONS: Final = 10  # in a finding's evidence; the span has all
_REASON_CHARS, _URI_CHARS = 80, 300


def slow_start(job: Span, limits: Limits) -> Finding | None:
    """Find a job that took longer to start than to work."""
    if job.parent is None:
        return None
    start = job.start - job.parent.start
    if start < max(limits.startup_s, job.seconds):
        return None
    return Finding(
        kind="slow_start",
        title=f"started {duration(start)} after it was asked for, and worked for {duration(job.seconds)}",
        span=job,
        evidence={"start_s": round(start, 3), "work_s": round(job.seconds, 3)},
        seconds=start,
        critical_s=_beside(job.parent, job),
        is_billed=False,
        advice="Join small jobs into one, do without a connection or extra packages; else it was queued.",
    )


def _beside(above: Span, last: Span) -> float | None:
    """Return the critical seconds of a span without those of one below it; None where they are not known."""
    if above.critical_s is None or last.critical_s is None:
        return None
    return max(0.0, above.critical_s - last.critical_s)


def _starts_jobs(caller: Span) -> bool:
    return caller.operation.startswith(_START) or (
        caller.parent is not None and caller.parent.operation.startswith(_START)
    )


def waited_state(state: Span, limits: Limits) -> Finding | None:
    """Find a state that failed, waited, and was tried again."""
    attempts = _attempts(state)
    if len(attempts) < 2 or not attempts[0].failed or attempts[-1].failed or attempts[-1].parent is None:
        return None
    waited = attempts[-1].start - attempts[0].start
    return Finding(
        kind="waited_state",
        title=f"{counted(len(attempts), 'attempt')}: the last one began {duration(waited)} after the first",
        span=attempts[-1],
        evidence={"attempts": len(attempts), "waited_s": round(waited, 3)},
        seconds=waited,
        critical_s=_beside(attempts[-1].parent, attempts[-1]),
        advice="Read why the first attempt failed: a limit of concurrent runs wants a queue, not retries.",
    )


def _attempts(state: Span) -> list[Span]:
    """Return the attempts of a state, at its first one: its calls of one API, or states of the same name.

    How Step Functions shows them is documented nowhere; a retry may be a call more, or a state more.
    """
    calls = [call for call in state.children if call.operation]
    if len(calls) > 1 and len({(call.name, call.operation) for call in calls}) == 1:
        return calls
    states = state.parent.by_name[state.name] if state.parent else []
    return states if states[:1] == [state] else []


def lost_rows(span: Span, limits: Limits) -> Finding | None:
    """Find rows that went in and came out nowhere, where every row is accounted for."""
    counts = _outcomes(span)
    if counts is None:
        return None
    read, outcomes = counts
    lost = read - sum(outcomes.values())
    if lost <= 0:
        return None
    return Finding(
        kind="lost_rows",
        title=f"{counted(lost, 'row')} of {read:,.0f} came out nowhere: neither clean nor rejected",
        span=span,
        evidence={names.ROWS_READ: read, **outcomes},
        severity=CRITICAL,
        advice="A filter, an inner join or a failed write drops them; count before and after each step.",
    )


def rejected_rows(span: Span, limits: Limits) -> Finding | None:
    """Find a run that rejected an unusual share of its rows."""
    found = span.numbers(names.ROWS_READ, names.ROWS_REJECTED)
    if found is None or not span.is_segment:
        return None
    read, rejected = found
    if not 0 < limits.rejected_share * read <= rejected <= read:  # more than all is no measurement
        return None
    reasons = _reasons(span)
    first = next(iter(reasons.items()), None)
    why = f", most for {first[0]} ({first[1]:,.0f})" if first else ""
    uri = span.attributes.get(names.REJECTED_URI)
    place = f"Read them at {uri[:_URI_CHARS]}" if isinstance(uri, str) and uri else "Look at them"
    return Finding(
        kind="rejected_rows",
        title=f"{percent(rejected / read)} of the rows were rejected: {rejected:,.0f} of {read:,.0f}{why}",
        span=span,
        evidence={**_most(reasons), names.ROWS_READ: read, names.ROWS_REJECTED: rejected},
        advice=f"{place}, by reason: a new format or a wrong delimiter rejects most at once.",
    )


def _outcomes(span: Span) -> tuple[float, dict[str, float]] | None:
    """Return rows read, and rows by outcome, of a job that accounts for rows: one that rejects some."""
    read = span.number(names.ROWS_READ)
    if read is None or not span.is_segment or span.failed or span.number(names.ROWS_REJECTED) is None:
        return None
    counted_names = (name for name in span.attributes if name.startswith(names.ROWS_PREFIX))
    outcomes = {name: count for name in counted_names if (count := span.number(name)) is not None}
    outcomes.pop(names.ROWS_READ)
    return (read, outcomes) if len(outcomes) > 1 else None


def _most(reasons: Mapping[str, float]) -> dict[str, float]:
    """Keep the reasons of most rows; of the others how many there are: a job may make one up for each row."""
    kept = dict(list(reasons.items())[:_REASONS])
    others = len(reasons) - len(kept)
    return kept | ({"more_reasons": others} if others else {})


def _reasons(span: Span) -> dict[str, float]:
    """Read why rows were rejected, most rows first.

    That is a mapping, the same as JSON text, or one attribute for each reason.
    """
    whole: Any = span.attributes.get(names.REJECTED_BY_REASON)
    if isinstance(whole, str):
        try:
            whole = json.loads(whole)
        except (ValueError, RecursionError):
            whole = None
    prefix = f"{names.REJECTED_BY_REASON}."
    pairs = dict(whole) if isinstance(whole, Mapping) else {}
    pairs |= {key[len(prefix) :]: value for key, value in span.attributes.items() if key.startswith(prefix)}
    counts = ((str(key)[:_REASON_CHARS], as_measured(value)) for key, value in pairs.items())
    known = [(reason, count) for reason, count in counts if count is not None]
    return dict(sorted(known, key=lambda item: -item[1]))


def is_started_job(span: Span) -> bool:
    """Return whether a span is a job whose start somebody else asked for."""
    return span.is_segment and span.parent is not None and _starts_jobs(span.parent)


def is_state(span: Span) -> bool:
    """Return whether a span is a state of a state machine that calls something."""
    is_below_segment = span.parent is not None and span.parent.is_segment
    return not span.is_segment and is_below_segment and any(child.operation for child in span.children)


def counts_rows(span: Span) -> bool:
    """Return whether a span says how many rows it read."""
    return names.ROWS_READ in span.attributes


GROUPS: Final = (
    (is_started_job, (slow_start,)),
    (is_state, (waited_state,)),
    (counts_rows, (lost_rows, rejected_rows)),
)
