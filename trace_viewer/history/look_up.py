# SPDX-License-Identifier: Apache-2.0
"""The usual of one run: its pipeline's last runs, looked up where the run is from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from trace_viewer.history.cache import Cache
from trace_viewer.history.runs import run_of
from trace_viewer.history.sources import Selection, from_folder, from_xray
from trace_viewer.history.usual import Verdict, compare_with_usual
from trace_viewer.model.trace import Trace
from trace_viewer.xray.several import ManyTraces

LOOKED_BACK = timedelta(days=14)  # a daily run has its ten in that time
LOOKED_AT = 60  # runs, of which some failed and some are of another pipeline with that job


def usual_of(
    trace: Trace, folder: Path | None = None, *, cache: Cache | None = None, xray: ManyTraces | None = None
) -> Verdict:
    """Compare a run with the last good ones of X-Ray, or of a folder of trace files.

    Raises
    ------
    TraceFileError, XRayError, EmptyTraceError
        If they could not be read, or the trace shows nothing.
    """
    run = run_of(trace)
    if folder is not None:
        return compare_with_usual(run, from_folder(folder, Selection()).runs)
    job = run.jobs[0] if run.jobs else ""
    before = Selection(LOOKED_BACK, job, LOOKED_AT, until=run.start)
    return compare_with_usual(run, from_xray(before, cache=cache or Cache(), xray=xray).runs)
