# SPDX-License-Identifier: Apache-2.0
"""What Glue bills for the jobs of a trace."""

from __future__ import annotations

from typing import Any, Final

from trace_viewer.model.cost import glue_runs
from trace_viewer.model.trace import Trace
from trace_viewer.xray.session import XRayError, aws_client, aws_failures, aws_session

# Nobody waits for a price: without an answer it is computed from the trace.
_SOON: Final[dict[str, Any]] = {
    "connect_timeout": 2,
    "read_timeout": 3,
    "retries": {"total_max_attempts": 1},
}
MOST: Final = 20  # runs that are asked for


def read_job_runs(trace: Trace, session: Any = None) -> dict[str, dict[str, Any]]:
    """Ask Glue for the runs of a trace (``GetJobRun``); the first refusal ends it, and says nothing.

    Returns
    -------
    dict
        ``JobRun`` of each answer, by the run's id.
    """
    found: dict[str, dict[str, Any]] = {}
    runs = list(glue_runs(trace.tree))[:MOST]
    if not runs:
        return found
    try:
        glue = aws_client(session or aws_session(), "glue", **_SOON)
        for job, run_id in runs:
            run = glue.get_job_run(JobName=job, RunId=run_id).get("JobRun")
            found |= {run_id: run} if run else {}
    except aws_failures(XRayError):
        pass
    return found
