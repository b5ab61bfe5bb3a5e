# SPDX-License-Identifier: Apache-2.0
"""The variables of an environment's processes.

As in MWAA's image (https://github.com/aws/amazon-mwaa-docker-images), an environment's own options replace
what is only a default, and not what it takes to run.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_cloud.emulator import core
from with_airflow.local.mwaa.web_server import WebServer

_AIRFLOW_SIDE = Path(__file__).with_name("airflow_side")
_PARALLELISM = 4  # tasks at a time; each is a process that mostly waits for an AWS API


def variables(
    record: Mapping[str, Any],
    *,
    home: Path,
    web_server: WebServer,
    endpoint: str,
    credentials: Mapping[str, str],
) -> dict[str, str]:
    """Return all variables but those of the network.

    Parameters
    ----------
    record
        The environment as GetEnvironment shows it.
    home
        ``AIRFLOW_HOME``.
    web_server
        The API of tasks, too.
    endpoint
        URL of the AWS APIs.
    credentials
        Those of the execution role.
    """
    region = core("responses").get_region()
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(_AIRFLOW_SIDE),
        "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "OTEL_BSP_SCHEDULE_DELAY": "1000",  # milliseconds; by default five times as long
        **credentials,
        **{
            f"AIRFLOW__{name.replace('.', '__').upper()}": value
            for name, value in {
                **_DEFAULTS,
                **(record.get("AirflowConfigurationOptions") or {}),
                **_essential(home, web_server),
                **_task_logs(record, region),
            }.items()
        },
    }


_DEFAULTS = {
    "dag_processor.refresh_interval": "3",
    "dag_processor.min_file_process_interval": "3",
    "scheduler.scheduler_heartbeat_sec": "1",
    "scheduler.scheduler_idle_sleep_time": "0.5",
    "triggerer.job_heartbeat_sec": "1",
    "usage_data_collection.enabled": "False",
}


def _essential(home: Path, web_server: WebServer) -> dict[str, str]:
    url = web_server.url
    return {
        **web_server.settings(home),
        "core.dags_folder": str(home / "dags"),
        "core.executor": "local_queue.LocalQueueExecutor",
        "core.parallelism": str(_PARALLELISM),
        "core.load_examples": "False",
        "core.execution_api_server_url": f"{url}/execution/",
        "core.fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "api_auth.jwt_secret": secrets.token_hex(32),
        "api.base_url": url,
        "api.host": "127.0.0.1",
        "api.port": str(web_server.port),
        "api.workers": "1",
        "api.secret_key": secrets.token_hex(16),
        "database.sql_alchemy_conn": f"sqlite:///{home / 'airflow.db'}",
        "logging.base_log_folder": str(home / "logs"),
    }


def _task_logs(record: Mapping[str, Any], region: str) -> dict[str, str]:
    """Send the lines of tasks to their log group, in streams named after DAG, run, task and attempt."""
    logs = (record.get("LoggingConfiguration") or {}).get("TaskLogs") or {}
    if not logs.get("Enabled"):
        return {}
    account = core("responses").get_account_id()
    group = f"airflow-{record['Name']}-Task"
    return {
        "logging.remote_logging": "True",
        "logging.remote_base_log_folder": f"cloudwatch://arn:aws:logs:{region}:{account}:log-group:{group}",
        "logging.remote_log_conn_id": "aws_default",
        "logging.logging_level": str(logs.get("LogLevel") or "INFO"),
    }
