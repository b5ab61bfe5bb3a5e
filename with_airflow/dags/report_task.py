# SPDX-License-Identifier: Apache-2.0
"""The task that runs the report job on EMR Serverless."""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf
from airflow.providers.amazon.aws.operators.emr import EmrServerlessStartJobOperator

from traced_dag import TRACE_ARGUMENTS, argument_list

SWITCHES = ("otlp_endpoint", "traces", "metrics", "log_correlation", "metrics_run_id")
RUN = "{{ path_safe(run_id) }}"


def arguments() -> dict[str, str]:
    """Return the arguments of the report job, the same on both kinds of EMR."""
    switches = {f"--{name}": conf.get("listings", name) for name in SWITCHES}
    return {
        "--listings_uri": "{{ output_uri('processed', params.key, run_id) }}/listings",
        "--report_uri": "{{ output_uri('reports', params.key, run_id) }}",
        "--job_name": conf.get("listings", "report_job"),
        **{name: value for name, value in switches.items() if value},
        **TRACE_ARGUMENTS,
    }


def report_task(poll: dict[str, int]) -> EmrServerlessStartJobOperator:
    """Make the task; the correlation id is in the name of the job run and in the path of its log."""
    group = conf.get("listings", "report_log_group")
    logs: dict[str, Any] = {"enabled": True, "logGroupName": group, "logStreamNamePrefix": RUN}
    return EmrServerlessStartJobOperator(
        task_id="report",
        name="report {{ run_id }}",
        application_id=conf.get("listings", "emr_application"),
        execution_role_arn=conf.get("listings", "emr_role"),
        job_driver={
            "sparkSubmit": {
                "entryPoint": conf.get("listings", "report_script"),
                "entryPointArguments": argument_list(arguments()),
                "sparkSubmitParameters": f"--py-files {conf.get('listings', 'report_library')}",
            }
        },
        configuration_overrides={"monitoringConfiguration": {"cloudWatchLoggingConfiguration": logs}},
        deferrable=True,
        **poll,
    )
