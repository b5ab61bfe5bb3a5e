# SPDX-License-Identifier: Apache-2.0
"""The two doors into this library: ``traced_job`` and ``step``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xray_common.trace_header import parse_trace_header
from xray_helper.error_boundary import LOGGER, ErrorBoundary
from xray_helper.job import Job, current_job
from xray_helper.settings import Measure, Settings, tracing_disabled
from xray_helper.step import Step


def traced_job(
    job_name: str | None = None,
    *,
    argv: Sequence[str] | None = None,
    annotations: Mapping[str, object] | None = None,
    settings: Settings | None = None,
) -> Job:
    """Trace the block as one job.

    Reads the arguments that ``Settings`` describes. With ``--trace_header`` the job joins that trace; with
    ``--traces on``, an endpoint, ``--spans_uri`` or ``settings`` it starts one of its own, or that of its
    Glue workflow or execution; with none of them it runs untraced and says nothing about it. Without an
    endpoint the trace is written to X-Ray directly. Nothing that happens to the telemetry changes what the
    block does: its exceptions come out as they are.

    Parameters
    ----------
    job_name
        Name of the segment, unless ``--job_name`` says another.
    argv
        Command line without the program's name; default ``sys.argv[1:]``.
    annotations
        Searchable in X-Ray.
    settings
        Defaults from code, which arguments override; they ask for tracing by being there, unless
        ``--traces off`` is given.

    Examples
    --------
    >>> with traced_job("nightly", argv=[]) as job, job.step("Read Data"):
    ...     job.is_traced
    False
    """
    asked = False
    chosen = settings or Settings(job_name=job_name or Settings.job_name)
    errors = ErrorBoundary()
    with errors("reading the settings"):
        chosen = Settings.from_arguments(argv, job_name=job_name, defaults=settings)
        asked = chosen.ask_for_tracing if settings is None else chosen.traces is not False
        asked = asked and _may_record(chosen)
    return Job(settings=chosen, annotations=annotations, traced=asked and not errors.faults)


def step(name: str, *, measure: Measure | None = None) -> Step:
    """Make a step of the job that is running in this context; outside of any job it does nothing.

    Examples
    --------
    >>> with step("Read Data"):
    ...     pass
    """
    job = current_job()
    return job.step(name, measure=measure) if job is not None else Step(name, measure=measure)


def _may_record(settings: Settings) -> bool:
    if tracing_disabled():
        return False
    header = parse_trace_header(settings.trace_header)
    if settings.trace_header and header is None:
        LOGGER.warning(
            "The trace header %.80r has no valid Root: a trace of its own is started.", settings.trace_header
        )
    return header is None or header.is_recorded
