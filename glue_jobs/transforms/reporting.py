# SPDX-License-Identifier: Apache-2.0
"""What became of the rows: on this run's trace, and as metrics and log lines for who watches all runs."""

from __future__ import annotations

import json
import logging

from transforms.outcome import Outcome
from xray_helper import Job


def report_outcome(job: Job, outcome: Outcome) -> None:
    """Put the numbers on trace and metrics; log why rows were rejected and dates replaced."""
    numbers = outcome.report()
    job.annotate(**{name: numbers[name] for name in ("rows_read", "rows_clean", "rows_rejected")})
    for name in ("read", "clean", "duplicate", "rejected"):
        job.metrics.count("job.rows", numbers[f"rows_{name}"], outcome=name)
    for reason, number in outcome.rejected.items():
        job.metrics.count("job.rows.rejected", number, reason=reason)
        job.log("rows rejected", level=logging.WARNING, reason=reason, rows=number)
    for reason, number in outcome.replaced.items():
        job.metrics.count("job.dates.replaced", number, reason=reason)
        job.log("dates replaced", level=logging.WARNING, reason=reason, rows=number)
    job.set_attribute("rows_duplicate", outcome.duplicate)
    job.set_attribute("rejected_by_reason", json.dumps(numbers["rejected_by_reason"]))
    job.set_attribute("dates_replaced_by_reason", json.dumps(numbers["dates_replaced_by_reason"]))
