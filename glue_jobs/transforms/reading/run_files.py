# SPDX-License-Identifier: Apache-2.0
"""The files of one run: a job reads what another has written to its end, and nothing that lies beside it."""

from __future__ import annotations

from typing import Final

from pyspark.sql import SparkSession

from data_layout.datasets import HIDDEN
from transforms.errors import InputError
from transforms.failures import explained
from transforms.hadoop import locate

_DONE: Final = "_SUCCESS"  # Spark's committer writes it last
_PART: Final = "part-"


def check_run_files(spark: SparkSession, uri: str) -> None:
    """Make sure that a place holds all that one run has written, and no folder or file of somebody else.

    Spark would read folders below it, too, whoever wrote them.

    Raises
    ------
    InputError
        When the place is not there, was not written to its end, or holds something else.
    """
    with explained(uri):
        found = _entries(spark, uri)
    if _DONE not in found:
        raise InputError(
            f"{uri} has no {_DONE}: the run that should have written it did not come to its end; look at "
            "that run, and start it again."
        )
    foreign = sorted(
        name for name, is_file in found.items() if not name.startswith(HIDDEN) and not _is_part(name, is_file)
    )
    if foreign:
        raise InputError(
            f"{uri} holds {foreign[0]}, which its run has not written: move it away, "
            "and start this run again."
        )


def stored_bytes(spark: SparkSession, uri: str) -> int:
    """Return the bytes of all files in a place, as stored."""
    with explained(uri):
        files, path = locate(spark, uri)
        return int(files.getContentSummary(path).getLength())


def _is_part(name: str, is_file: bool) -> bool:
    return is_file and name.startswith(_PART)


def _entries(spark: SparkSession, uri: str) -> dict[str, bool]:
    """Return what lies directly in a place: name -> whether it is a file."""
    files, path = locate(spark, uri)
    return {str(status.getPath().getName()): bool(status.isFile()) for status in files.listStatus(path)}
