# SPDX-License-Identifier: Apache-2.0
"""What became of the rows, for those who watch all runs: metrics, and a log line for each reason."""

from __future__ import annotations

import logging

from transforms.outcome import Outcome
from xray_helper import Job


def report_rows(job: Job, outcome: Outcome) -> None:
    """Count the rows by what became of them; say why rows were rejected."""
    rows = {
        "read": outcome.rows,
        "clean": outcome.clean,
        "duplicate": outcome.duplicate,
        "rejected": outcome.rows_rejected,
    }
    for name, number in rows.items():
        job.metrics.count("job.rows", number, outcome=name)
    for reason, number in outcome.rejected.items():
        job.metrics.count("job.rows.rejected", number, reason=reason)
        job.log("rows rejected", level=logging.WARNING, reason=reason, rows=number)
