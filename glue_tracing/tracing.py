# SPDX-License-Identifier: Apache-2.0
"""Traces Glue jobs: library, arguments and rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_logs as logs
import aws_cdk.aws_s3_assets as assets
from constructs import Construct, IConstruct

from glue_tracing.collector import Collector
from glue_tracing.connection import JobConnection
from glue_tracing.jobs import notes
from glue_tracing.jobs.definition import JobDefinition, UntraceableError
from glue_tracing.jobs.role import grant
from glue_tracing.start import QueryLanguage, arguments
from glue_tracing.xray import job_statement, workflow_statement
from glue_xray.bundle import ARGUMENT, RUNNER, XRAY_OTLP, job_argument, library_zip

_TRACED: Final = "glue-tracing:traced"
_SHELL: Final = "pythonshell"  # its name as a command


class GlueTracing(Construct):
    """Traces the jobs that it is given; by itself it is nothing on AWS but files in the bucket of assets.

    Parameters
    ----------
    collector
        Jobs send spans and metrics there, over a connection into its network. Without one they write to
        X-Ray themselves: no VPC, nothing that idles, no metrics.
    endpoint
        Instead of ``collector``: any OTLP/HTTP endpoint that the jobs reach, ``http://host:4318``, also one
        that is known at deployment only (an SSM parameter, the output of another stack); or ``xray``, X-Ray's
        own one, for accounts with Transaction Search.
    traces, metrics, log_correlation, metrics_run_id
        What is made: spans; metrics (default: with a collector or an endpoint); JSON log lines with the ids
        of the trace; metrics once more for each run.
    settings
        Everything else that ``xray_helper`` reads, by name: ``{"spans_uri": "s3://bucket/spans/"}``.
    library
        The zip of the library, where it shall hold more than the library: see `library_zip`.

    Example
    -------
    ``GlueTracing(self, "Tracing").trace(job)``

    Attributes
    ----------
    connection
        The jobs' way to the collector; None without one.
    endpoint
        Where spans go; None: the jobs write segments to X-Ray.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        collector: Collector | None = None,
        endpoint: str | None = None,
        traces: bool = True,
        metrics: bool | None = None,
        log_correlation: bool = False,
        metrics_run_id: bool = False,
        settings: Mapping[str, str] | None = None,
        library: Path | None = None,
    ) -> None:
        super().__init__(scope, id_)
        if collector is not None and endpoint is not None:
            raise ValueError("GlueTracing takes a collector or an endpoint, and got both; leave one out.")
        self.endpoint = endpoint if collector is None else collector.endpoint
        by_default = self.endpoint is not None and self.endpoint != XRAY_OTLP
        switches = {
            "traces": traces,
            "metrics": by_default if metrics is None else metrics,
            "log_correlation": log_correlation,
            "metrics_run_id": metrics_run_id,
        }
        self._settings = {
            **{name: "on" if on else "off" for name, on in switches.items()},
            **({"otlp_endpoint": self.endpoint} if self.endpoint else {}),
            **(settings or {}),
        }
        self._library = library
        self.connection = None
        if collector is not None:
            self.connection = JobConnection(self, "Connection", collector=collector)

    def trace(
        self,
        job: IConstruct,
        *,
        name: str | None = None,
        script: Literal["untouched", "instrumented"] = "untouched",
        log_groups: Sequence[logs.ILogGroup] = (),
        workflow: str | None = "*",
        overridable: bool = True,
    ) -> None:
        """Trace a job; one that cannot be traced is left as it is, with a warning at synth.

        Parameters
        ----------
        job
            ``CfnJob``, or a construct around one.
        name
            What traces call it. Default: its name, else that of its construct.
        script
            ``untouched``: it knows nothing of tracing, and each of its lines that makes Spark work is a step.
            ``instrumented``: it says itself what a step is, with ``traced_job`` and ``step``.
        log_groups
            Where its runs log, if not in Glue's own groups.
        workflow
            The Glue workflow that it may be a part of, by name: it asks when the workflow's run began. By
            default any of the account; None: it is in none, and gets no right for that.
        overridable
            Whether who starts a run may change library and settings of an instrumented script.

        Raises
        ------
        ValueError
            It is no job at all.
        """
        definition = JobDefinition(job)
        node = definition.resource.node
        if any(entry.type == _TRACED for entry in node.metadata):
            return
        node.add_metadata(_TRACED, self.node.path)
        try:
            python = definition.python
            settings = {"job_name": name or definition.name, **self._settings}
            if log_groups:
                settings["log_groups"] = ",".join(group.log_group_name for group in log_groups)
            if script == "untouched":
                files = self._wrap(definition, python, {**settings, **definition.size})
            else:
                files = self._instrument(definition, python, settings, overridable=overridable)
        except (UntraceableError, ValueError) as reason:
            notes.untraced(definition.resource, reason)
            return
        statements = [*self._statements(files), *self._connect(definition)]
        if workflow is not None:
            statements.append(workflow_statement(cdk.Stack.of(definition.resource), workflow))
        if not grant(definition.resource, statements):
            notes.lacking_rights(definition.resource, statements)

    def arguments(
        self, query_language: QueryLanguage = "JSONata", *, trace_header: str | None = None
    ) -> dict[str, str]:
        """Return the arguments for the Step Functions state that starts a job: all its jobs are one trace.

        They are constants of each execution's context, so that an execution without a header runs as well.
        In JSONata, the header of an input that has a ``trace_header`` is passed on.

        Parameters
        ----------
        query_language
            The state's: ``JSONata`` or ``JSONPath``.
        trace_header
            Another place of the caller's trace header, in every input: ``{% $states.input.header %}`` or
            ``$.header``.

        Example
        -------
        ``GlueStartJobRun.jsonata(..., arguments=TaskInput.from_object(tracing.arguments()))``
        """
        return arguments(query_language, trace_header)

    def library(self, job: IConstruct | None = None, *, python: str = "3.11") -> assets.Asset:
        """Return the library as a file on S3, one for each stack that has jobs."""
        old = python == "3.9"
        path = self._library if self._library and not old else library_zip(python)
        return self._asset(job or self, "ShellLibrary" if old else "Library", path)

    def _wrap(self, job: JobDefinition, python: str, settings: Mapping[str, str]) -> list[assets.Asset]:
        """Let the runner run the job's script; it fetches the library, behind the job's own packages."""
        library = self.library(job.resource, python=python)
        runner = self._asset(job.resource, "Runner", RUNNER)
        options = {**settings, "library": library.s3_object_url}
        if job.script_name:
            options["script_name"] = job.script_name
        # Not a default: who may start a run chooses its input, not its code
        job.add_arguments({ARGUMENT: job_argument(job.script, options)}, overridable=False)
        job.run(runner.s3_object_url)
        return [library, runner]

    def _instrument(
        self, job: JobDefinition, python: str, settings: Mapping[str, str], *, overridable: bool
    ) -> list[assets.Asset]:
        """Add the library and its arguments to a job whose script uses it."""
        if job.command == _SHELL:
            raise UntraceableError("a Python shell job takes no zip; leave its script untouched")
        library = self.library(job.resource, python=python)
        job.add_packages(library.s3_object_url, overridable=overridable)
        job.add_arguments(
            {f"--{name}": value for name, value in {**settings, **job.size}.items()}, overridable=overridable
        )
        return [library]

    def _asset(self, near: IConstruct, id_: str, path: Path) -> assets.Asset:
        """Return a file as an asset of the stack that uses it, made once."""
        stack = cdk.Stack.of(near)
        scope: Construct = self
        if stack is not cdk.Stack.of(self):
            scope, id_ = stack, f"GlueTracing{self.node.addr[-8:]}{id_}"
        found = scope.node.try_find_child(id_)
        return found if isinstance(found, assets.Asset) else assets.Asset(scope, id_, path=str(path))

    def _statements(self, files: Sequence[assets.Asset]) -> list[iam.PolicyStatement]:
        objects = [file.bucket.arn_for_objects(file.s3_object_key) for file in files]
        return [
            iam.PolicyStatement(sid="ReadTracing", actions=["s3:GetObject"], resources=objects),
            job_statement(self.endpoint),
        ]

    def _connect(self, job: JobDefinition) -> list[iam.PolicyStatement]:
        """Bring a job to the collector; return the rights for that."""
        collector = None if self.endpoint == XRAY_OTLP else self.endpoint
        if job.is_connected:
            notes.in_its_own_vpc(job.resource, collector or "X-Ray")
        elif self.connection is not None:
            job.connect(self.connection.connection_name)
            return self.connection.statements()
        elif collector is not None:
            notes.in_no_vpc(job.resource, collector)
        return []
