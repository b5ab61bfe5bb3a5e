# SPDX-License-Identifier: Apache-2.0
"""The settings of a traced job: from its arguments, its environment, or code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Literal

from xray_common.scrubbing import PATTERNS_VARIABLE
from xray_helper.arguments import decimal_number, read_arguments, switched, whole_number

Measure = Literal["rows", "time"]

# OpenTelemetry's and AWS's own variables; written out, so that an untraced job does not import OpenTelemetry.
_ENV_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_ENV_SERVICE_NAME: Final = "OTEL_SERVICE_NAME"
_ENV_DISABLED: Final = "OTEL_SDK_DISABLED"
_ENV_TRACE_HEADER: Final = "_X_AMZN_TRACE_ID"
_DEFAULT_NAME: Final = "job"


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
        OTLP JSON lines, for any OpenTelemetry viewer. Default: no such file. Asks for a trace by itself.
    measure
        ``rows`` or ``time`` for every step of this run (see ``Job.step``).
    job_run_id
        Glue's id of this run.
    workflow_name, workflow_run_id
        The Glue workflow that started this run, and the id of its own run: Glue passes both to each job.
    execution_id, execution_start
        The Step Functions execution that started this run, ``$$.Execution.Id`` and
        ``$$.Execution.StartTime``: all its jobs make one trace, where no trace header names another.
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
        The run that this job is a part of, and its caller's own id for it; both for logs. In a Glue workflow
        ``run_id`` is that of the workflow's run, unless another is given.
    caller
        What started this job, in its own words, for example ``<dag>.<task> <run>``; for logs and the trace.
    traces
        Whether spans are made: ``--traces on`` starts a trace where there is none to join, ``--traces off``
        makes none. None: where something else asks for one, see ``ask_for_tracing``.
    metrics, log_correlation
        Whether metrics and JSON log lines are made: ``--metrics on``, ``--log_correlation on``. Metrics need
        an endpoint.
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
        A job that runs longer than this shows itself in X-Ray as in progress, seconds; nine times as long
        where neither the job nor the look for its parent has imported botocore by then.
    """

    job_name: str = _DEFAULT_NAME
    trace_header: str | None = None
    step_name: str | None = None
    otlp_endpoint: str | None = None
    spill_uri: str | None = None
    spans_uri: str | None = None
    measure: Measure | None = None
    job_run_id: str | None = None
    workflow_name: str | None = None
    workflow_run_id: str | None = None
    execution_id: str | None = None
    execution_start: str | None = None
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
    traces: bool | None = None
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
        defaults: Settings | None = None,
    ) -> Settings:
        """Read ``--name value`` or ``--name=value`` arguments, then ``defaults``, then the environment.

        Arguments this library does not know are passed over with their values, whatever these look like: a
        job has its own, and Glue adds more; one that looks like a slip of ours is said. An argument wins over
        a default, a default over the environment, the last argument over earlier ones. Flags without a value
        stand behind the arguments of this library: see ``named_arguments``.

        Parameters
        ----------
        argv
            Command line without the program's name; default ``sys.argv[1:]``.
        environ
            Default ``os.environ``.
        job_name
            Name to use when no ``--job_name`` is given.
        defaults
            Settings from code.

        Examples
        --------
        >>> Settings.from_arguments(["--otlp_endpoint", "http://collector:4318"], {}).otlp_endpoint
        'http://collector:4318'
        >>> Settings.from_arguments(["--aws_calls", "off"], {}, defaults=Settings(aws_calls=True)).aws_calls
        False
        """
        given = read_arguments(sys.argv[1:] if argv is None else argv, names=_NAMES, switches=SWITCHES)
        known = os.environ if environ is None else environ
        base = defaults or cls()
        read: dict[str, Any] = {
            name: given.get(_SPELLED.get(name, name)) or getattr(base, name) for name in _TEXTS
        }
        read |= {name: read[name] or known.get(variable) for name, variable in _VARIABLES.items()}
        read |= {name: switched(given.get(name), default=getattr(base, name)) for name in SWITCHES}
        read["run_id"] = read["run_id"] or read["workflow_run_id"]
        return replace(
            base,
            **read,
            job_name=_job_name(
                given, known, in_code=defaults.job_name if defaults else None, in_call=job_name
            ),
            measure=_MEASURES.get(given.get("measure", ""), base.measure),
            log_groups=tuple(filter(None, given.get("log_groups", "").split(","))) or base.log_groups,
            share_bytes=whole_number(given.get("share_bytes"), default=base.share_bytes),
            number_of_workers=whole_number(given.get("number_of_workers"), default=base.number_of_workers),
            max_capacity=decimal_number(given.get("max_capacity"), default=base.max_capacity),
        )

    @property
    def ask_for_tracing(self) -> bool:
        """Whether arguments or environment ask for a trace: one to join or to share, or a place for it."""
        if self.traces is not None:
            return self.traces
        return bool(self.trace_header or self.execution_id or self.otlp_endpoint or self.spans_uri)


_NAMES: Final = frozenset(field.name for field in fields(Settings))
_MEASURES: Final[Mapping[str, Measure]] = {"rows": "rows", "time": "time"}
SWITCHES: Final = ("traces", "metrics", "log_correlation", "aws_calls", "lineage", "metrics_run_id")
_TEXTS: Final = (
    "trace_header", "step_name", "otlp_endpoint", "spill_uri", "spans_uri", "job_run_id", "workflow_name",
    "workflow_run_id", "execution_id", "execution_start", "log_group_prefix", "run_id", "correlation_id",
    "caller", "scrub_patterns", "glue_job", "worker_type", "execution_class",
)  # fmt: skip
_VARIABLES: Final = {
    "trace_header": _ENV_TRACE_HEADER,
    "otlp_endpoint": _ENV_ENDPOINT,
    "scrub_patterns": PATTERNS_VARIABLE,
}
# Arguments that are Glue's own
_SPELLED: Final = {
    "job_run_id": "JOB_RUN_ID",
    "workflow_name": "WORKFLOW_NAME",
    "workflow_run_id": "WORKFLOW_RUN_ID",
    "log_group_prefix": "custom-logGroup-prefix",
    "glue_job": "JOB_NAME",
}


def tracing_disabled(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether OpenTelemetry's own switch, ``OTEL_SDK_DISABLED=true``, turns tracing off."""
    return (os.environ if environ is None else environ).get(_ENV_DISABLED, "").strip().lower() == "true"


def _job_name(
    given: Mapping[str, str], known: Mapping[str, str], *, in_code: str | None, in_call: str | None
) -> str:
    """Choose the nearest name: of the argument, the code, Glue's job, the environment, the script."""
    chosen = in_code if in_code != _DEFAULT_NAME else None
    name = given.get("job_name") or chosen or in_call or given.get("JOB_NAME") or known.get(_ENV_SERVICE_NAME)
    return name or in_code or Path(sys.argv[0] if sys.argv else "").stem or _DEFAULT_NAME
