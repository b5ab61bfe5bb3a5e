# SPDX-License-Identifier: Apache-2.0
"""A file beside a job's output: on S3 or on a disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from xray_helper.clients import aws_client

_S3_SCHEMES: Final = ("s3", "s3a", "s3n")
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
    path.write_bytes(content)
    return str(path)


def _to_s3(folder: str, name: str, content: bytes, seconds: float) -> str:
    """Put one object; what follows the bucket is the key's prefix as it stands, ``?`` and ``#`` included."""
    bucket, _, prefix = folder.partition("://")[2].partition("/")
    key = f"{prefix.rstrip('/')}/{name}".lstrip("/")
    aws_client("s3", read_timeout_s=seconds).put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"
