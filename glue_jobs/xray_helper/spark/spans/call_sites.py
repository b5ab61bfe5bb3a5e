# SPDX-License-Identifier: Apache-2.0
"""A readable name of a job: the action and its place, or what the job was for."""

from __future__ import annotations

from typing import Final

from xray_helper.spark.status_store.records import Execution, SparkJob

_MAX_CHARS: Final = 120
_NOWHERE: Final = (" at <unknown>:0", " at NativeMethodAccessorImpl.java:0")  # Python, to the JVM
# Broadcasts and subqueries run in threads of Spark's own, where the innermost call is this of SQLExecution.
_IN_A_THREAD: Final = "withThreadLocalCaptured"
# Tag of the job (Spark 3.5 and newer) or its description (before).
_BROADCAST: Final = "broadcast exchange"


def call_site(job: SparkJob) -> str:
    """Return the action that started a job, or what it was for.

    The tag or the description of a broadcast names it. Of another job that an execution ran in a thread of
    its own, such as for a subquery, Spark records no more than that.
    """
    name: str = job.data["name"]
    if _IN_A_THREAD not in name:
        for place in _NOWHERE:
            name = name.removesuffix(place)
        return name[:_MAX_CHARS]
    tags = [job.data.get("description") or "", *(job.data.get("jobTags") or ())]
    if any(tag.startswith(_BROADCAST) for tag in tags):
        return _BROADCAST
    return "thread of Spark SQL" + (f" {job.execution_id}" if job.execution_id is not None else "")


def action_of(execution: Execution) -> str | None:
    """Return the action of an execution: that of its first job that no thread of Spark's own ran."""
    first = first_own_job(execution)
    return call_site(first) if first else None


def job_of_the_user(execution: Execution) -> SparkJob | None:
    """Find a job that has the user's own group and description.

    Threads of Spark's own inherit them, and run all jobs of an execution in Spark 4.1; only broadcasts
    describe themselves.
    """
    others = (job for job in execution.jobs if call_site(job) != _BROADCAST)
    return first_own_job(execution) or next(others, None)


def first_own_job(execution: Execution) -> SparkJob | None:
    """Find the first job of an execution that no thread of Spark's own ran."""
    return next((job for job in execution.jobs if _IN_A_THREAD not in job.data["name"]), None)
