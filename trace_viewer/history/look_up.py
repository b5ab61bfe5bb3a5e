# SPDX-License-Identifier: Apache-2.0
"""The usual of one run: its pipeline's last runs, looked up where the run is from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from trace_viewer.history.cache import Cache
from trace_viewer.history.runs import Run, run_of
from trace_viewer.history.sources import Selection, from_folder, from_xray
from trace_viewer.history.usual import Verdict, compare_with_usual
from trace_viewer.model.trace import Trace

LOOKED_BACK = timedelta(days=14)  # a daily run has its ten in that time
LOOKED_AT = 60  # runs, of which some failed and some are of another pipeline with that job


def usual_of(trace: Trace, folder: Path | None = None, *, cache: Cache | None = None) -> Verdict:
    """Compare a run with the last good ones of X-Ray, or of a folder of trace files.

    Raises
    ------
    TraceFileError, XRayError, EmptyTraceError
        If they could not be read, or the trace shows nothing.
    """
    run = run_of(trace)
    return compare_with_usual(run, _others(run, folder, cache or Cache()))


def _others(run: Run, folder: Path | None, cache: Cache) -> list[Run]:
    if folder is not None:
        return from_folder(folder, Selection()).runs
    job = run.jobs[0] if run.jobs else ""
    return from_xray(Selection(LOOKED_BACK, job, LOOKED_AT), cache=cache).runs
