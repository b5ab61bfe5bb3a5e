# SPDX-License-Identifier: Apache-2.0
"""The object version that a run is for: Spark always reads the newest one, so it must be that one."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from transforms.errors import InputError


def check_version(uri: str, version: str) -> None:
    """Make sure that the object at an ``s3://`` URI still is the version that started this run.

    Parameters
    ----------
    uri
        As the job was given it; the key is taken as it stands.
    version
        S3 version id; with an empty one, as for a bucket without versions, nothing is checked.

    Raises
    ------
    InputError
        When a newer version has taken its place: that one has a run of its own, and this run would only
        process it twice.
    """
    scheme, bucket = urlsplit(uri)[:2]
    if not version or scheme == "file":
        return
    key = uri.removeprefix(f"{scheme}://{bucket}/")
    newest = _newest_version(bucket, key)
    if newest not in (version, None):
        raise InputError(
            f"{uri} was overwritten before this run could read it: look at the run of the newer version, "
            f"{newest}, and upload the older one under another name if it is needed."
        )


def _newest_version(bucket: str, key: str) -> str | None:
    """Return the newest version's id; None when the object is gone, which reading it will report."""
    import boto3  # not needed by a run on files
    from botocore.exceptions import ClientError

    session = boto3.session.Session()
    s3 = session.client("s3", region_name=session.region_name or os.environ.get("AWS_REGION"))
    try:
        return str(s3.head_object(Bucket=bucket, Key=key)["VersionId"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return None
        raise
