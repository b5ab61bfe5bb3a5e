# SPDX-License-Identifier: Apache-2.0
"""The settings of a traced job: from its arguments, its environment, or code."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Literal

from xray_common.command_line import named_arguments
from xray_common.scrubbing import PATTERNS_VARIABLE

Measure = Literal["rows", "time"]

# OpenTelemetry's and AWS's own variables; written out, so that an untraced job does not import OpenTelemetry.
_ENV_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_ENV_SERVICE_NAME: Final = "OTEL_SERVICE_NAME"
_ENV_DISABLED: Final = "OTEL_SDK_DISABLED"
_ENV_TRACE_HEADER: Final = "_X_AMZN_TRACE_ID"
_DEFAULT_NAME: Final = "job"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Everything that can be set about the tracing of one job.

    Parameters
    ----------
    job_name
        ``service.name``: what X-Ray shows as the segment's name.
    trace_header
        X-Ray trace header to join (``Root=...;Parent=...;Sampled=1``).
    step_name
        Name of the Step Functions state that started this run; its segment becomes the parent.
    otlp_endpoint
        Base URL of a collector, ``http://host:4318``, or ``xray``: X-Ray's OTLP endpoint, for accounts with
        Transaction Search. Without one, X-Ray is written directly.
    spill_uri
        Folder (``s3://bucket/prefix/``, ``file:///dir/`` or a path) for spans that could not be sent.
        Default: the system's temporary folder.
    spans_uri
        Folder for a file with all spans of the job, those that do not fit into X-Ray's trace included:
        OTLP JSON lines, for any OpenTelemetry viewer. Default: no such file.
    measure
        ``rows`` or ``time`` for every step of this run (see ``Job.step``).
    job_run_id
        Glue's id of this run.
    glue_job, worker_type, number_of_workers, max_capacity, execution_class
        Glue's name of the job, and what it was deployed with, for what a run costs: ``--worker_type G.1X``,
        ``--number_of_workers 2``, or ``--max_capacity 0.0625`` of a Python shell job; ``--execution_class
        FLEX``. Glue tells none of it.
    log_groups
        Log groups of this run; the trace links to them. The argument ``--log_groups`` names them with commas
        between; without it they are ``<log_group_prefix>/output`` and ``<log_group_prefix>/error``.
    log_group_prefix
        Where Glue writes this run's logs.
    run_id, correlation_id
        The run that this job is a part of, and its caller's own id for it; both for logs.
    caller
        What started this job, in its own words, for example ``<dag>.<task> <run>``; for logs and the trace.
    traces, metrics, log_correlation
        Whether spans, metrics and JSON log lines are made: ``--traces off``, ``--metrics on``,
        ``--log_correlation on``. A trace also needs a header or an endpoint, metrics need an endpoint.
    aws_calls
        Whether calls of the AWS SDK become subsegments, in the job and in its traced Python functions:
        ``--aws_calls on``.
    scrub_patterns
        A regular expression: what it matches is hidden, as known secrets are; ``|`` between several.
    lineage
        Whether what became of each lazy step of Spark is looked for; ``--lineage off`` turns it off.
    metrics_run_id
        Whether metrics carry ``run_id``: one more time series for every run, ``--metrics_run_id on``.
    parent_deadline_s
        Longest look-up of the step's segment, seconds. It runs beside the job, not before it.
    end_budget_s
        All the time telemetry may take at the end of the job, seconds.
    share_bytes
        This job's share of the trace, bytes of segment documents. X-Ray guarantees 100 KB for a trace with
        Step Functions (developer guide, "AWS Step Functions and X-Ray"); two jobs with 40 KB each leave room.
        Without Step Functions a trace has 500 KB ("X-Ray endpoints and quotas"): ``--share_bytes 120000``.
    checkpoint_s
        A job that runs longer than this shows itself in X-Ray as in progress, seconds.
    """

    job_name: str = _DEFAULT_NAME
    trace_header: str | None = None
    step_name: str | None = None
    otlp_endpoint: str | None = None
    spill_uri: str | None = None
    spans_uri: str | None = None
    measure: Measure | None = None
    job_run_id: str | None = None
    glue_job: str | None = None
    worker_type: str | None = None
    number_of_workers: int | None = None
    max_capacity: float | None = None
    execution_class: str | None = None
    log_groups: tuple[str, ...] = ()
    log_group_prefix: str = "/aws-glue/jobs"
    run_id: str | None = None
    correlation_id: str | None = None
    caller: str | None = None
    traces: bool = True
    metrics: bool = False
    log_correlation: bool = False
    aws_calls: bool = False
    scrub_patterns: str | None = None
    lineage: bool = True
    metrics_run_id: bool = False
    parent_deadline_s: float = 10.0
    end_budget_s: float = 5.0
    share_bytes: int = 40_000
    checkpoint_s: float = 2.0

    @classmethod
    def from_arguments(
        cls,
        argv: Sequence[str] | None = None,
        environ: Mapping[str, str] | None = None,
        *,
        job_name: str | None = None,
    ) -> Settings:
        """Read ``--name value`` or ``--name=value`` arguments, then the environment.

        Arguments this library does not know are passed over with their values, whatever these look like: a
        job has its own, and Glue adds more. An argument wins over the environment, the last one over earlier
        ones. Flags without a value stand behind the arguments of this library: see ``named_arguments``.

        Parameters
        ----------
        argv
            Command line without the program's name; default ``sys.argv[1:]``.
        environ
            Default ``os.environ``.
        job_name
            Name to use when no ``--job_name`` is given.

        Examples
        --------
        >>> Settings.from_arguments(["--otlp_endpoint", "http://collector:4318"], {}).otlp_endpoint
        'http://collector:4318'
        """
        given = _arguments(sys.argv[1:] if argv is None else argv)
        known = os.environ if environ is None else environ
        name = given.get("job_name") or job_name or given.get("JOB_NAME") or known.get(_ENV_SERVICE_NAME)
        return cls(
            job_name=name or Path(sys.argv[0] if sys.argv else "").stem or _DEFAULT_NAME,
            trace_header=given.get("trace_header") or known.get(_ENV_TRACE_HEADER),
            step_name=given.get("step_name"),
            otlp_endpoint=given.get("otlp_endpoint") or known.get(_ENV_ENDPOINT),
            spill_uri=given.get("spill_uri"),
            spans_uri=given.get("spans_uri"),
            measure=_measure(given.get("measure")),
            job_run_id=given.get("JOB_RUN_ID"),
            glue_job=given.get("JOB_NAME"),
            worker_type=given.get("worker_type"),
            number_of_workers=_whole(given.get("number_of_workers")),
            max_capacity=_decimal(given.get("max_capacity")),
            execution_class=given.get("execution_class"),
            log_groups=tuple(filter(None, (given.get("log_groups") or "").split(","))),
            log_group_prefix=given.get("custom-logGroup-prefix") or cls.log_group_prefix,
            run_id=given.get("run_id"),
            correlation_id=given.get("correlation_id"),
            caller=given.get("caller"),
            traces=_is_on(given, "traces", default=cls.traces),
            metrics=_is_on(given, "metrics", default=cls.metrics),
            log_correlation=_is_on(given, "log_correlation", default=cls.log_correlation),
            aws_calls=_is_on(given, "aws_calls", default=cls.aws_calls),
            scrub_patterns=given.get("scrub_patterns") or known.get(PATTERNS_VARIABLE),
            lineage=_is_on(given, "lineage", default=cls.lineage),
            metrics_run_id=_is_on(given, "metrics_run_id", default=cls.metrics_run_id),
            share_bytes=_bytes(given.get("share_bytes"), default=cls.share_bytes),
        )

    @property
    def ask_for_tracing(self) -> bool:
        """Whether arguments or environment ask for a trace: without a header or endpoint they do not."""
        return self.traces and bool(self.trace_header or self.otlp_endpoint)


_NAMES: Final = frozenset(field.name for field in fields(Settings))


def tracing_disabled(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether OpenTelemetry's own switch, ``OTEL_SDK_DISABLED=true``, turns tracing off."""
    return (os.environ if environ is None else environ).get(_ENV_DISABLED, "").strip().lower() == "true"


def _arguments(argv: Sequence[str]) -> dict[str, str]:
    """Return values by name, without the dashes; say which of them look like arguments of ours."""
    found: dict[str, str] = {}
    for name, value in named_arguments(argv):
        if value is None or not name.startswith("--"):
            continue
        found[name[2:]] = value
        looks_like = value.partition("=")[0]
        if looks_like.startswith("--") and looks_like[2:] in _NAMES:
            _log.warning(
                "%s is the value of %s here and sets nothing: write flags without a value last, or as %s=on.",
                looks_like,
                name,
                name,
            )
    return found


def _is_on(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Read a switch; what is neither ``on`` nor ``off`` changes nothing."""
    return {"on": True, "off": False}.get(given.get(name, ""), default)


def _bytes(text: str | None, *, default: int) -> int:
    """Read a number of bytes; what is none changes nothing."""
    return int(text) if text and text.isdecimal() else default


def _whole(text: str | None) -> int | None:
    """Read a number; what is none says nothing."""
    return int(text) if text and text.isdecimal() else None


def _decimal(text: str | None) -> float | None:
    """Read a number with a point; what is none says nothing."""
    return float(text) if text and text.replace(".", "", 1).isdecimal() else None


def _measure(text: str | None) -> Measure | None:
    return "rows" if text == "rows" else "time" if text == "time" else None
