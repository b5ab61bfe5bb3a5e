# SPDX-License-Identifier: Apache-2.0
"""Joins the jobs that an Airflow task starts to the DAG run: one correlation id, one trace, one cause.

Examples
--------
An existing DAG attaches with three names, see docs/examples/attach_dag.py::

    with DAG("nightly", user_defined_macros=MACROS, default_args=EXPLAINED):
        GlueJobOperator(..., script_args={"--day": "{{ ds }}", **HANDED_OVER})
"""

from traced_dag.handover import HANDED_OVER, MACROS, words
from traced_dag.run_ids import path_safe
from traced_dag.trace_context import trace_header

__all__ = ["HANDED_OVER", "MACROS", "path_safe", "trace_header", "words"]
