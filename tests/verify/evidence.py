# SPDX-License-Identifier: Apache-2.0
"""Both runs, and what can be asked about them and about the stack that made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from demo import pipeline
from tests.e2e.documents import TraceDocuments
from tests.e2e.expectations.rows import Rows
from tests.e2e.runs import Runs
from trace_viewer import Trace, fetch_trace

Resource = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What the checks look at.

    Attributes
    ----------
    rows
        What has to become of the good file's rows.
    objects
        Folder with a copy of what both jobs wrote.
    local
        Whether a local cloud made it.
    """

    runs: Runs
    rows: Rows
    dataset: str
    objects: Path
    local: bool

    @property
    def stack(self) -> str:
        return self.runs.deployment.stack

    @property
    def metrics(self) -> bool:
        """Whether the jobs send metrics."""
        (job, *_) = self.ids("AWS::Glue::Job")
        arguments = boto3.client("glue").get_job(JobName=job)["Job"]["NonOverridableArguments"]
        return bool(arguments["--metrics"] == "on")

    def trace(self, execution: pipeline.Execution) -> Trace:
        """Return the trace as it is now."""
        return fetch_trace(execution.trace_id)

    def good(self) -> TraceDocuments:
        """Return the documents of the good run's trace."""
        return TraceDocuments(self.trace(self.runs.good).to_json())

    def failed(self) -> TraceDocuments:
        """Return the documents of the failed run's trace."""
        return TraceDocuments(self.trace(self.runs.failed).to_json())

    def resources(self, kind: str) -> list[Resource]:
        """Return the stack's resources of a type, as CloudFormation lists them."""
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
        return [
            resource
            for page in pages.paginate(StackName=self.stack)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == kind
        ]

    def ids(self, kind: str) -> list[str]:
        """Return the physical ids of the stack's resources of a type."""
        return [resource["PhysicalResourceId"] for resource in self.resources(kind)]

    def glue_runs(self) -> list[Resource]:
        """Return every run of the stack's Glue jobs."""
        glue = boto3.client("glue")
        jobs = self.ids("AWS::Glue::Job")
        return [run for job in jobs for run in glue.get_job_runs(JobName=job)["JobRuns"]]
