# SPDX-License-Identifier: Apache-2.0
"""The cause of a failed Glue job, in the log of the task that waited for it.

A deferred task learns that the run ended FAILED, and no more. Glue knows the sentence that the job raised;
the operator keeps the run's id for its link to the console, which is where this module reads it.
"""

from __future__ import annotations

import logging
from typing import Any

from airflow.providers.amazon.aws.hooks.glue import GlueJobHook
from airflow.providers.amazon.aws.links.glue import GlueJobRunDetailsLink

_log = logging.getLogger("airflow.task")


def log_cause(context: Any) -> None:
    """Log the cause that Glue gives for the run of this try; do nothing for another kind of task.

    For ``on_failure_callback`` and ``on_retry_callback``.
    """
    found = context["ti"].xcom_pull(task_ids=context["ti"].task_id, key=GlueJobRunDetailsLink.key)
    job = getattr(context["task"], "job_name", None)
    if not found or not job:
        return
    hook = GlueJobHook(aws_conn_id=context["task"].aws_conn_id, region_name=context["task"].region_name)
    run = hook.conn.get_job_run(JobName=job, RunId=found["job_run_id"])["JobRun"]
    if run["JobRunState"] != "SUCCEEDED":
        reason = run.get("ErrorMessage") or "Glue gives no reason"
        _log.error("Glue run %s of %s ended %s: %s", run["Id"], job, run["JobRunState"], reason)


#: For ``default_args`` of the DAG.
FAILURE_CALLBACKS: dict[str, Any] = {"on_failure_callback": log_cause, "on_retry_callback": log_cause}
