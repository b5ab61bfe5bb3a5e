# SPDX-License-Identifier: Apache-2.0
"""A DAG that was there before, attached to the traces and logs of the jobs that it starts."""

from __future__ import annotations

from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.sdk import DAG, Param

from traced_dag import MACROS, TRACE_ARGUMENTS  # added
from traced_dag.causes import FAILURE_CALLBACKS  # added

with DAG(
    "nightly",
    schedule=None,
    params={"job": Param(type="string"), "source": Param(type="string"), "target": Param(type="string")},
    user_defined_macros=MACROS,  # added
    default_args=FAILURE_CALLBACKS,  # added
):
    GlueJobOperator(
        task_id="process",
        job_name="{{ params.job }}",
        script_args={
            "--clean_uri": "{{ params.source }}",
            "--processed_uri": "{{ params.target }}",
            **TRACE_ARGUMENTS,  # added
        },
        deferrable=True,
        waiter_delay=5,
    )
