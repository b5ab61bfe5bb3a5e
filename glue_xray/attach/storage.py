# SPDX-License-Identifier: Apache-2.0
"""Where the library and the runner lie on S3: in a folder beside the job's script, or where one wants them.

Every job's role can read its script, and who can write there can change what the job does anyway.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from glue_xray.attach.errors import sentences
from glue_xray.bundle import RUNNER

_FOLDER: Final = "glue-xray"
_DIGEST_DIGITS: Final = 12


@dataclass(frozen=True)
class Storage:
    """A folder on S3, ``s3://bucket/prefix`` without a slash behind it."""

    uri: str

    @classmethod
    def beside(cls, script: str, chosen: str | None = None) -> Storage:
        """Choose the folder.

        Examples
        --------
        >>> Storage.beside("s3://assets/jobs/orders.py").uri
        's3://assets/jobs/glue-xray'
        >>> Storage.beside("s3://assets/jobs/orders.py", "s3://ours").uri
        's3://ours/glue-xray'
        """
        parent = chosen.rstrip("/") if chosen else script.rpartition("/")[0]
        return cls(f"{parent}/{_FOLDER}")

    def runner_of(self, script: str) -> str:
        """Return where a script's runner lies: under the script's own name, which Glue's messages have."""
        return f"{self.uri}/run-{_digest(RUNNER)}/{script.rpartition('/')[2]}"

    def library(self, library: Path) -> str:
        """Return where a library lies: its name has the version, and its content, which never changes."""
        return f"{self.uri}/library-{version('glue-xray')}-{_digest(library)}.zip"

    def put(self, s3: Any, *, runner: str, library: Path) -> None:
        """Write both."""
        with sentences(f"{self.uri} cannot be written; choose another folder with --s3-prefix"):
            for uri, file in ((runner, RUNNER), (self.library(library), library)):
                bucket, _, key = uri[len("s3://") :].partition("/")
                s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:_DIGEST_DIGITS]
