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

    Reads ``--trace_header``, ``--step_name``, ``--otlp_endpoint``, ``--job_name``, ``--spill_uri`` and
    ``--measure``. With a header the job joins that trace; with an endpoint alone, or with ``settings``, it
    starts one of its own; with neither it runs untraced and says nothing about it. Without an endpoint the
    trace is written to X-Ray directly. Nothing that happens to the telemetry changes what the block does:
    its exceptions come out as they are.

    Parameters
    ----------
    job_name
        Name of the segment, unless ``--job_name`` says another.
    argv
        Command line without the program's name; default ``sys.argv[1:]``.
    annotations
        Searchable in X-Ray.
    settings
        Everything in code instead of ``argv``; asks for tracing by being there.

    Examples
    --------
    >>> with traced_job("nightly", argv=[]) as job, job.step("Read Data"):
    ...     job.is_traced
    False
    """
    asked = settings is not None
    chosen = settings or Settings(job_name=job_name or Settings.job_name)
    errors = ErrorBoundary()
    with errors("reading the settings"):
        if settings is None:
            chosen = Settings.from_arguments(argv, job_name=job_name)
            asked = chosen.ask_for_tracing
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
