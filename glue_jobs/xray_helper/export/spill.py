# SPDX-License-Identifier: Apache-2.0
"""The last resort: segment documents in a file, one per line, to be sent later.

``python -m xray_helper.resend FILE`` sends them. The file's name starts with ``_``, so that Spark and Athena
do not take it for data when it lies beside a job's output.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from xray_helper.clients import aws_client

_PREFIX: Final = "_spans-"
_SUFFIX: Final = ".jsonl"
_S3_SCHEMES: Final = ("s3", "s3a", "s3n")


def spill(documents: Sequence[str], folder: str | None, *, seconds: float) -> str:
    """Write documents into a new file in ``folder`` and return its URI or path.

    Parameters
    ----------
    documents
        Segment documents, JSON text each.
    folder
        ``s3://bucket/prefix/``, ``file:///folder`` or a path; None: the system's temporary folder.
    seconds
        Time-out of one read from S3.

    Raises
    ------
    Exception
        Whatever the file system or S3 raises.
    """
    first = json.loads(documents[0])
    name = f"{_PREFIX}{first.get('trace_id', 'trace')}-{first.get('id', 'span')}{_SUFFIX}"
    content = "".join(f"{document}\n" for document in documents).encode()
    parts = urlsplit(folder or "")
    if parts.scheme in _S3_SCHEMES:
        return _to_s3(folder or "", name, content, max(seconds, 0.5))
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
