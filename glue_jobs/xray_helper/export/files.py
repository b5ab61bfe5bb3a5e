# SPDX-License-Identifier: Apache-2.0
"""A file beside a job's output: on S3 or on a disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from xray_helper.clients import aws_client
from xray_helper.error_boundary import unseen

_S3_SCHEMES: Final = ("s3", "s3a", "s3n")
_OWNER_ONLY: Final = 0o600
_LEAST_S: Final = 0.5  # for a request to S3


def write_file(folder: str | None, name: str, content: bytes, *, seconds: float) -> str:
    """Write a new file in a folder and return its URI or path.

    Parameters
    ----------
    folder
        ``s3://bucket/prefix/``, ``file:///folder`` or a path; None: the system's temporary folder.
    name, content
        Of the file. A name that starts with ``_`` is no data for Spark and Athena.
    seconds
        Time-out of one read from S3.

    Raises
    ------
    Exception
        Whatever the file system or S3 raises.
    """
    parts = urlsplit(folder or "")
    if parts.scheme in _S3_SCHEMES:
        return _to_s3(folder or "", name, content, max(seconds, _LEAST_S))
    path = Path(unquote(parts.path) if parts.scheme == "file" else folder or tempfile.gettempdir()) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    _to_disk(path, content)
    return str(path)


def _to_disk(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read; a link or a file of somebody else is not followed."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
        file.write(content)


def _to_s3(folder: str, name: str, content: bytes, seconds: float) -> str:
    """Put one object; what follows the bucket is the key's prefix as it stands, ``?`` and ``#`` included."""
    bucket, _, prefix = folder.partition("://")[2].partition("/")
    key = f"{prefix.rstrip('/')}/{name}".lstrip("/")
    with unseen():
        aws_client("s3", read_timeout_s=seconds).put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"
