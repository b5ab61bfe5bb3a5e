# SPDX-License-Identifier: Apache-2.0
r"""Saved queries over the logs of Airflow, Glue and EMR: those of the main stack, made to know DAG runs.

A line belongs to a DAG run when it holds the ``run_id``, which the jobs have as their correlation id, or when
it is in the log stream of one of its tasks. MWAA names such a stream
``dag_id=D/run_id=R/task_id=T/attempt=N.log``, with ``_`` for each ``:``; the triggerer adds
``.trigger.ID.log``.

A line belongs to one task when it is in the task's stream, when its JSON has the value
``"<dag>.<task> <run_id>"`` (the lines of the job that the task started), or when it names the task as Airflow
does, ``<dag>.<task> <run_id> [running]``.
"""

from __future__ import annotations

from stacks.queries import QUERIES, Query

_LINES = "fields @timestamp, @log, @logStream, @message\n"
_IN_ORDER = "| sort @timestamp asc\n| limit 10000"

RUN = Query(
    "Everything of one run",
    f"{_LINES}"
    "| filter @message like '{{run_id}}'"
    " or strcontains(@logStream, concat('/run_id=', replace('{{run_id}}', ':', '_'), '/'))\n"
    f"{_IN_ORDER}",
    (("run_id", "The run_id of the DAG run, or the trace id"),),
)
TASK = Query(
    "One task of one run",
    f"{_LINES}"
    r"| parse @logStream /^dag_id=(?<stream_dag>[^\/]+)\/run_id=(?<stream_run>[^\/]+)"
    r"\/task_id=(?<stream_task>[^\/]+)\//"
    "\n"
    "| filter @message like '\"{{task_run}}\"' or @message like '{{task_run}} ['"
    " or concat(stream_dag, '.', stream_task, ' ', stream_run) = replace('{{task_run}}', ':', '_')\n"
    f"{_IN_ORDER}",
    (("task_run", "<dag>.<task> <run_id>"),),
)
AIRFLOW_QUERIES = (RUN, TASK, *(query for query in QUERIES if query.name != RUN.name))
