# SPDX-License-Identifier: Apache-2.0
"""The page's tables, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from tests.nightly.scale import prices
from tests.nightly.scale.cases import RUNS, SETTINGS
from tests.nightly.scale.deployment import Deployment
from tests.nightly.scale.figures import FIGURES
from tests.nightly.scale.limits import limits
from tests.nightly.scale.outcome import Outcome, median
from tests.nightly.scale.quotas import QUOTAS

TELEMETRY = ("X-Ray segments", "collector CPU", "PutLogEvents")


def figures() -> str:
    """Return what a run takes."""
    rows = ((figure.name, f"{_number(figure.value)} {figure.unit}", figure.source) for figure in FIGURES)
    return _table("of one run | | source", "---|---:|---", rows)


def quotas() -> str:
    """Return AWS's quotas."""
    rows = ((quota.name, f"{quota.value:,.0f} {quota.unit}", quota.source, quota.seen) for quota in QUOTAS)
    return _table("quota | | source | seen", "---|---:|---|---", rows)


def order() -> str:
    """Return every limit of the default, the first to bind first."""
    rows = (
        (
            limit.name,
            _round(limit.runs_per_hour),
            limit.how,
            "**no**" if limit.runs_per_hour < RUNS else "yes",
        )
        for limit in limits(Deployment())
    )
    return _table("limit | runs an hour | from | enough for 10,000", "---|---:|---|---", rows)


def settings() -> str:
    """Return how each setting moves the limits."""
    return _table(
        "setting | binds first | runs an hour | then | runs an hour "
        "| first of telemetry | runs an hour | $ for 10,000 runs",
        "---|---|---:|---|---:|---|---:|---:",
        (_setting(name, deployment) for name, deployment in SETTINGS.items()),
    )


def _setting(name: str, deployment: Deployment) -> tuple[str, ...]:
    found = limits(deployment)
    told = next(limit for limit in found if limit.name in TELEMETRY)
    dollars = sum(prices.hour(deployment, runs=RUNS).values())
    cells = [cell for limit in (*found[:2], told) for cell in (limit.name, _round(limit.runs_per_hour))]
    return (name, *cells, f"{dollars:,.2f}")


def hour() -> str:
    """Return what 10,000 runs cost by default."""
    parts = prices.hour(Deployment(), runs=RUNS)
    return _table(
        f"{' | '.join(parts)} | **in all**",
        "|".join(["---:"] * (len(parts) + 1)),
        [(*(f"{part:,.2f}" for part in parts.values()), f"**{sum(parts.values()):,.2f}**")],
    )


def simulated(outcomes: dict[str, Outcome]) -> str:
    """Return what became of 10,000 uploads."""
    return _table(
        "10,000 uploads | succeeded | timed out in Glue's queue | no address | dead letters "
        "| tried again by Lambda | upload to start, longest | wait for Glue: median | longest "
        "| last run ends after "
        "| spans: collector | X-Ray | file | most segments in a second",
        "|".join(["---", *["---:"] * 13]),
        (_outcome(name, outcome) for name, outcome in outcomes.items()),
    )


def _outcome(name: str, o: Outcome) -> tuple[str, ...]:
    counts = [o.runs[fate] for fate in ("succeeded", "timed_out", "no_address", "dead_letter")]
    spans = [o.spans[way] for way in ("collector", "x-ray", "file")]
    return (
        name,
        *(f"{count:,}" for count in (*counts, o.retried_events)),
        f"{max(o.started_s):,.0f} s",
        *(f"{seconds / 60:,.0f} min" for seconds in (median(o.waited_s), max(o.waited_s))),
        f"{o.last_s / 3600:.1f} h",
        *(f"{count:,}" for count in (*spans, o.peak_segments)),
    )


def _table(head: str, rule: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {head} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.6f}".rstrip("0")


def _round(rate: float) -> str:
    """Three digits are more than the assumptions bear."""
    digits = 10 ** max(0, len(str(int(rate))) - 3)
    return f"{round(rate / digits) * digits:,}"
