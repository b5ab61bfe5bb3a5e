# SPDX-License-Identifier: Apache-2.0
"""What a run cost, in words and as JSON."""

from __future__ import annotations

import math
from typing import Any

from trace_viewer.model import text
from trace_viewer.model.cost import RunCost


def cost_words(cost: RunCost | None) -> str:
    """Return a run's cost in one line; empty where nothing is known.

    A sum of what jobs' own clocks show is a lower bound: Glue bills from before they start.
    """
    if cost is None:
        return ""
    words = [f"{'' if cost.is_exact else 'at least '}{dollars(cost.usd)}"]
    if len(cost.jobs) > 1:
        parts = (f"{text.plain(job.node.name, 40)} {dollars(job.usd)} ({job.workers})" for job in cost.jobs)
        words.append(", ".join(parts))
    else:
        words[0] += f" ({cost.jobs[0].workers})"
    if cost.unknown:
        words.append(f"{cost.unknown} more {'job' if cost.unknown == 1 else 'jobs'} not known")
    if cost.idle_usd:
        words.append(f"idle cores {dollars(cost.idle_usd)}")
    return "; ".join(words)


def cost_line(cost: RunCost | None) -> str:
    """Return the line of a terminal, or nothing."""
    words = cost_words(cost)
    return f"cost {words}" if words else ""


def cost_fact(cost: RunCost | None) -> dict[str, str]:
    """Return the fact of a page, or nothing."""
    words = cost_words(cost)
    return {"cost": words} if words else {}


def cost_json(cost: RunCost | None) -> dict[str, Any]:
    """Return it for programs, as the key ``Cost``; nothing where nothing is known."""
    if cost is None:
        return {}
    jobs = [
        {
            "Job": job.node.name,
            "SegmentId": job.node.id,
            "Workers": job.workers,
            "DPUSeconds": round(job.dpu_seconds, 3),
            "USD": round(job.usd, 6),
            "IdleUSD": None if job.idle_usd is None else round(job.idle_usd, 6),
            "Exact": job.is_exact,
            "Steps": [
                {"Step": step.name, "SegmentId": step.id, "USD": round(job.part_usd(step.duration), 6)}
                for step in job.node.children
                if not step.is_beside
            ],
        }
        for job in cost.jobs
    ]
    shares = {name: round(usd, 8) for name, usd in cost.shares.items()}
    return {"Cost": {"USD": round(cost.usd, 6), "Exact": cost.is_exact, "Jobs": jobs, "Shares": shares}}


def dollars(usd: float) -> str:
    """Print an amount with two digits that say something.

    Example
    -------
    >>> dollars(12.3456), dollars(0.0294), dollars(0.00012), dollars(0.0)
    ('$12.35', '$0.029', '$0.00012', '$0')
    """
    if usd == 0:
        return "$0"
    digits = 2 if usd >= 1 else min(8, 1 - math.floor(math.log10(usd)))
    return f"${usd:,.{digits}f}"
