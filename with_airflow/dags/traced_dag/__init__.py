# SPDX-License-Identifier: Apache-2.0
"""Joins the jobs that an Airflow task starts to the DAG run: one correlation id, one trace, one cause.

Examples
--------
An existing DAG attaches with three names, see docs/examples/attach_dag.py::

    with DAG("nightly", user_defined_macros=MACROS, default_args=FAILURE_CALLBACKS):
        GlueJobOperator(..., script_args={"--day": "{{ ds }}", **TRACE_ARGUMENTS})
"""

from traced_dag.run_ids import path_safe
from traced_dag.trace_arguments import MACROS, TRACE_ARGUMENTS, argument_list
from traced_dag.trace_context import trace_header

__all__ = ["MACROS", "TRACE_ARGUMENTS", "argument_list", "path_safe", "trace_header"]
