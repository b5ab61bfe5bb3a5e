# SPDX-License-Identifier: Apache-2.0
"""Airflow's configuration: telemetry to our collector, and the settings of the DAG.

The DAG reads its own section: ``conf.get("listings", "clean_job")``. MWAA takes no empty value, so a key
that a deployment does not have is missing: ``conf.get("listings", "emr_subnet", fallback=None)``.

``clean_job``, ``process_job``
    Names of the two Glue jobs.
``crawler``, ``database``
    Names of the Glue crawler over ``input/``, and of the database that it fills.
``data_bucket``
    Name of the bucket with ``input/``, ``clean/``, ``processed/``, ``rejected/`` and ``reports/``.
``report_job``
    What traces, metrics and logs call the report job: its ``--job_name``.
``report_script``, ``report_library``
    ``s3://`` URIs of the report job's script, and of the zip with ``xray_helper`` for ``--py-files``.
``otlp_endpoint``
    What a job gives as ``--otlp_endpoint``: ``http://host:4318``.
``traces``, ``metrics``, ``log_correlation``, ``metrics_run_id``
    ``on`` or ``off``: arguments of the report job; the Glue jobs have them as defaults.
``task_log_group``, ``report_log_group``
    Names of the log groups of Airflow's tasks, and of the report job on EMR Serverless.
``emr``
    ``serverless`` or ``cluster``. The first has ``emr_application`` (its id), ``emr_role`` (ARN of the job's
    role) and ``report_log_group``. The second has what a transient cluster is made with: ``emr_release``,
    ``emr_subnet``, ``emr_security_group`` (all nodes), ``emr_service_security_group``, ``emr_service_role``
    and ``emr_instance_profile`` (names), ``emr_log_uri`` (``s3://bucket/prefix/``, to which each run adds its
    correlation id), ``emr_tag`` (the tag, with the value ``true``, that a cluster must have).
"""

from __future__ import annotations

from collections.abc import Mapping

from glue_tracing.collector.job_network import OTLP_PORTS
from stacks.settings import Settings
from stacks.telemetry_switches import switches

SECTION = "listings"
METRICS_INTERVAL_MS = 60_000  # CloudWatch's own metrics come by the minute too


def airflow_options(settings: Settings, *, collector_host: str, **options: str) -> dict[str, str]:
    """Return all options of one environment: ``section.key`` -> value.

    Parameters
    ----------
    collector_host
        Name of the collector in the VPC.
    options
        The keys above that this deployment has, but for the switches and ``emr``.
    """
    own = {name: "on" if on else "off" for name, on in switches(settings).items()}
    values = {**own, "emr": settings.emr, **options}
    return {
        **_telemetry(settings, collector_host),
        **{f"{SECTION}.{key}": value for key, value in values.items()},
    }


def _telemetry(settings: Settings, host: str) -> Mapping[str, str]:
    """Return the OpenTelemetry options of Airflow 3.0.

    Source: https://airflow.apache.org/docs/apache-airflow/3.0.6/configurations-ref.html. MWAA keeps the
    section ``metrics`` to itself (docs/decisions/airflow.md): there its metrics are in CloudWatch without a
    collector. Any other Airflow with these options sends them.
    """
    collector = {"otel_host": host, "otel_port": str(OTLP_PORTS[1]), "otel_ssl_active": "False"}
    return {
        "traces.otel_on": _flag(settings.traces),
        "metrics.otel_on": _flag(settings.metrics),
        "metrics.otel_interval_milliseconds": str(METRICS_INTERVAL_MS),
        **{
            f"{section}.{name}": value
            for section in ("traces", "metrics")
            for name, value in collector.items()
        },
    }


def _flag(choice: str) -> str:
    return str(choice == "enabled")
