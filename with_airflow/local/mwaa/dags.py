# SPDX-License-Identifier: Apache-2.0
"""The DAG folder: the same as what is below the environment's path in S3, read with the execution role."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.environment import REGION

_log = logging.getLogger(__name__)
_INTERVAL_S = 2.0  # MWAA itself looks about twice a minute


class DagFolderError(Exception):
    """The DAGs or the requirements cannot be read; the text says why."""


class DagFolder:
    """Copies DAGs until it is stopped.

    Parameters
    ----------
    record
        The environment as GetEnvironment shows it.
    home
        ``AIRFLOW_HOME``; the DAGs go to ``dags`` in it.
    endpoint
        URL of the AWS APIs.
    credentials
        Those of the execution role, as variables.
    """

    def __init__(
        self, record: Mapping[str, Any], home: Path, endpoint: str, credentials: Mapping[str, str]
    ) -> None:
        import boto3

        self._record = record
        self._folder = home / "dags"
        self._bucket = str(record["SourceBucketArn"]).rpartition(":")[2]
        self._prefix = str(record["DagS3Path"]).strip("/") + "/"
        self._s3 = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=credentials.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=credentials.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
        )
        self._etags: dict[str, str] = {}
        self._stopped = threading.Event()

    def requirements(self) -> str:
        """Return the text of the requirements file; empty where the environment names none."""
        path = self._record.get("RequirementsS3Path")
        if not path:
            return ""
        version = self._record.get("RequirementsS3ObjectVersion")
        named = {"VersionId": version} if version else {}
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=path, **named)
        except ClientError as error:
            raise DagFolderError(
                f"The requirements s3://{self._bucket}/{path} cannot be read: {error}"
            ) from error
        return str(answer["Body"].read().decode())

    def start(self) -> None:
        """Copy all once, then go on in a thread.

        Raises
        ------
        DagFolderError
            The first copy failed.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._copy()
        except ClientError as error:
            raise DagFolderError(f"s3://{self._bucket}/{self._prefix} cannot be read: {error}") from error
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._follow,), daemon=True, name="dags").start()

    def stop(self) -> None:
        """Copy no more."""
        self._stopped.set()

    def _follow(self) -> None:
        while not self._stopped.wait(_INTERVAL_S):
            try:
                self._copy()
            except (ClientError, BotoCoreError) as error:
                _log.warning("MWAA environment %s: DAGs not copied: %s", self._record["Name"], error)

    def _copy(self) -> None:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        there = {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}
        for key, etag in there.items():
            if not key.endswith("/") and self._etags.get(key) != etag:
                path = self._path(key)
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(path.name + ".part")
                self._s3.download_file(self._bucket, key, str(part))
                part.replace(path)  # at once: Airflow reads the folder all the time
        for key in set(self._etags) - set(there):
            self._path(key).unlink(missing_ok=True)
        self._etags = there

    def _path(self, key: str) -> Path:
        return self._folder / key.removeprefix(self._prefix)
