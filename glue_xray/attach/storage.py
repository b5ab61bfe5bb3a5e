# SPDX-License-Identifier: Apache-2.0
"""Where the library and the runner lie on S3: in a folder beside the job's script, or where one wants them.

Every job's role can read its script, and who can write there can change what the job does anyway.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from glue_xray.attach.errors import sentences
from glue_xray.attach.library import Library

_FOLDER: Final = "glue-xray"
RUNNER: Final = Path(__file__).with_name("runner.py")
_DIGEST_DIGITS: Final = 12


@dataclass(frozen=True)
class Storage:
    """A folder on S3, ``s3://bucket/prefix`` without a slash behind it."""

    uri: str

    @classmethod
    def beside(cls, script: str, chosen: str | None) -> Storage:
        """Choose the folder.

        Examples
        --------
        >>> Storage.beside("s3://assets/jobs/orders.py", None).uri
        's3://assets/jobs/glue-xray'
        >>> Storage.beside("s3://assets/jobs/orders.py", "s3://ours").uri
        's3://ours/glue-xray'
        """
        parent = chosen.rstrip("/") if chosen else script.rpartition("/")[0]
        return cls(f"{parent}/{_FOLDER}")

    def runner_of(self, script: str) -> str:
        """Return where a script's runner lies: under the script's own name, which Glue's messages have."""
        digest = hashlib.sha256(RUNNER.read_bytes()).hexdigest()[:_DIGEST_DIGITS]
        return f"{self.uri}/run-{digest}/{script.rpartition('/')[2]}"

    def library(self, library: Library) -> str:
        """Return where a library lies."""
        return f"{self.uri}/{library.name}"

    def put(self, s3: Any, *, runner: str, library: Library) -> None:
        """Write both."""
        with sentences(f"{self.uri} cannot be written; choose another folder with --s3-prefix"):
            for uri, content in ((runner, RUNNER.read_bytes()), (self.library(library), library.content)):
                bucket, _, key = uri[len("s3://") :].partition("/")
                s3.put_object(Bucket=bucket, Key=key, Body=content)
