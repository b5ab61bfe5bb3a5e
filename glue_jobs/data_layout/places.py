# SPDX-License-Identifier: Apache-2.0
"""Where the outputs of a run go: ``s3://<bucket>/<kind>/<data set>/run_id=<run>``."""

from __future__ import annotations

import re
from typing import Final

KINDS: Final = ("clean", "rejected", "processed", "reports")
RUN: Final = "run_id="
RUN_NAME_LIMIT: Final = 80  # characters, of StartExecution; all of them ASCII
KEY_BYTES: Final = 1024  # of a key, at most (Amazon S3 User Guide, "Naming Amazon S3 objects")
FILE_BYTES: Final = 200  # of it for Spark's own names, those of its temporary folders included
_PLACE: Final = re.compile(rf"/(?:{'|'.join(KINDS)})/(?P<dataset>.+)/{RUN}(?P<run_id>[^/]+)/?$", re.DOTALL)


def output_uri(bucket: str, kind: str, dataset: str, run_id: str) -> str:
    """Return the place of one kind of output, without a slash at its end; nothing is percent-encoded.

    Examples
    --------
    >>> output_uri("bucket", "clean", "2026/listings", "listings-1")
    's3://bucket/clean/2026/listings/run_id=listings-1'
    """
    return f"s3://{bucket}/{kind}/{dataset}/{RUN}{run_id}"


def dataset_room() -> int:
    """Return how many bytes a data set may have for every file of every output to have a name."""
    return KEY_BYTES - FILE_BYTES - max(map(len, KINDS)) - len(f"//{RUN}") - RUN_NAME_LIMIT


def belongs_to_one_run(uri: str) -> bool:
    """Return whether a place, without a slash at its end, is named after a run, which alone writes there."""
    return uri.rsplit("/", 1)[-1].startswith(RUN)


def dataset_and_run(uri: str) -> dict[str, str]:
    """Return ``dataset`` and ``run_id`` of an output's place; nothing for a place of another form.

    Examples
    --------
    >>> dataset_and_run("s3://bucket/clean/2026/listings/run_id=listings-1")
    {'dataset': '2026/listings', 'run_id': 'listings-1'}
    """
    found = _PLACE.search(uri)
    return found.groupdict() if found else {}
