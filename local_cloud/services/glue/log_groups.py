# SPDX-License-Identifier: Apache-2.0
"""Where Glue 5.1 writes the output of a run.

What the script prints, errors included, goes to ``<prefix>/output``, the log of Spark itself to
``<prefix>/error``. A Python shell job writes its output and its errors there.
Source: "Logging behavior in AWS Glue 5.0", AWS Glue Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping

from local_cloud.emulator import service

_SPARK_PREFIX, _PYTHON_SHELL_PREFIX = "/aws-glue/jobs", "/aws-glue/python-jobs"


def group_prefix(
    arguments: Mapping[str, str], *, security_configuration: str, role: str, spark: bool = True
) -> str:
    """Return what comes before ``/output`` and ``/error`` in the names of a run's log groups.

    A security configuration that encrypts logs gets groups of its own, per role.

    Examples
    --------
    >>> group_prefix({"--custom-logGroup-prefix": "/mine"}, security_configuration="", role="r")
    '/mine'
    """
    default = _SPARK_PREFIX if spark else _PYTHON_SHELL_PREFIX
    prefix = arguments.get("--custom-logGroup-prefix", default).rstrip("/")
    configuration = service("glue")._security_configs.get(security_configuration) or {}
    encryption = configuration.get("EncryptionConfiguration", {}).get("CloudWatchEncryption", {})
    if encryption.get("CloudWatchEncryptionMode") == "SSE-KMS":
        prefix += f"/{security_configuration}-role/{role.rpartition('/')[2]}"
    return prefix
