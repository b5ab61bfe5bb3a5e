# SPDX-License-Identifier: Apache-2.0
"""Amazon MWAA and EMR Serverless on one machine: ``python -m local_cloud run --part with_airflow.local``."""

from __future__ import annotations

from local_cloud.server.parts import Host
from with_airflow.local import emr_serverless, mwaa


def install(host: Host) -> None:
    """Install both as a part of a cloud."""
    emr_serverless.install(host)
    mwaa.install(host)
