# SPDX-License-Identifier: Apache-2.0
"""Data sets lie apart: none in another's folder, where readers of the outer one would read its rows, too.

``input/listings.csv`` and ``input/listings/x.csv`` would do that: ``clean/listings/run_id=...`` beside
``clean/listings/x/run_id=...``. No name is wrong by itself, so that whichever has runs already stays, and the
other one is refused.
"""

from __future__ import annotations

from typing import Any, Final

from pyspark.sql import SparkSession

from data_layout.places import RUN, dataset_and_run
from transforms.errors import InputError
from transforms.failures import explained
from transforms.hadoop import locate

_RUNS: Final = f"{RUN}*"
# Hadoop's globs have no "not": visible names that begin otherwise. The JVM filters, as runs may be many.
_NO_RUNS: Final = ",".join(
    ("[^r._]*", *(f"{RUN[:end]},{RUN[:end]}[^{RUN[end]}]*" for end in range(1, len(RUN))))
)


def check_not_nested(spark: SparkSession, place: str) -> None:
    """Make sure that a run's place lies in a folder of its data set alone; other places are let pass.

    Raises
    ------
    InputError
        When the data set lies in another one, or another one in it.
    """
    dataset = dataset_and_run(place).get("dataset")
    if dataset is None:
        return
    home = place[: place.rindex(f"/{RUN}")]
    inner = _folders(spark, home, f"{{{_NO_RUNS}}}")
    if inner:
        raise InputError(
            f"{home} is a folder of other data sets, of {inner[0]} for one: upload the file under a name "
            "that no folder has."
        )
    folders = dataset.split("/")[:-1]
    for outer in (home.rsplit("/", depth)[0] for depth in range(1, len(folders) + 1)):
        if _folders(spark, outer, _RUNS):
            raise InputError(
                f"{home} lies in the data set {outer}, which has runs of its own: upload the file into a "
                "folder that no data set is named after."
            )


def _folders(spark: SparkSession, uri: str, pattern: str) -> list[str]:
    """Return the names of the folders directly in a place that fit a glob; none where there is no place."""
    jvm: Any = spark._jvm
    with explained(uri):
        files, path = locate(spark, uri)
        if not files.exists(path):
            return []
        found = files.listStatus(path, jvm.org.apache.hadoop.fs.GlobFilter(pattern))
        return [str(one.getPath().getName()) for one in found if one.isDirectory()]
