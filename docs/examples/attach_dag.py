# SPDX-License-Identifier: Apache-2.0
"""A DAG that was there before, attached to the traces and logs of the jobs that it starts."""

from __future__ import annotations

from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.sdk import DAG, Param

from traced_dag import HANDED_OVER, MACROS  # added
from traced_dag.causes import EXPLAINED  # added

with DAG(
    "nightly",
    schedule=None,
    params={"job": Param(type="string"), "source": Param(type="string"), "target": Param(type="string")},
    user_defined_macros=MACROS,  # added
    default_args=EXPLAINED,  # added
):
    GlueJobOperator(
        task_id="process",
        job_name="{{ params.job }}",
        script_args={
            "--clean_uri": "{{ params.source }}",
            "--processed_uri": "{{ params.target }}",
            **HANDED_OVER,  # added
        },
        deferrable=True,
        waiter_delay=5,
    )
