# SPDX-License-Identifier: Apache-2.0
"""Places of runs: what lies in one, and what lies around it."""

from __future__ import annotations

from pathlib import Path

import clean_job
import pytest
from pyspark.sql import SparkSession

from tests.listing import csv_line, header_line
from transforms.errors import InputError
from transforms.nesting import check_not_nested
from transforms.reading.run_files import check_run_files

RUN = ("_SUCCESS", "part-00000-a.snappy.parquet")


def files(root: Path, *names: str) -> str:
    """Make files below a folder; its URI."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return f"file://{root}"


@pytest.mark.parametrize("beside", ["_spans-1-a.jsonl", ".part-0.crc", "_temporary/0/part-1", "_committed_1"])
def test_what_spark_hides_may_lie_in_a_run(spark: SparkSession, tmp_path: Path, beside: str) -> None:
    check_run_files(spark, files(tmp_path, *RUN, beside))


@pytest.mark.parametrize(
    "beside", ["run_id=2/part-0.parquet", "part-0/part-0.parquet", "more.parquet", "x/y"]
)
def test_nothing_else_may(spark: SparkSession, tmp_path: Path, beside: str) -> None:
    place = files(tmp_path, *RUN, beside)
    with pytest.raises(InputError) as told:
        check_run_files(spark, place)
    assert str(told.value) == (
        f"{place} holds {beside.partition('/')[0]}, which its run has not written: "
        "move it away, and start this run again."
    )


@pytest.mark.parametrize("names", [(), ("part-0.parquet",), ("part-0.parquet", "run_id=2/_SUCCESS")])
def test_a_run_without_its_last_file_is_not_read(
    spark: SparkSession, tmp_path: Path, names: tuple[str, ...]
) -> None:
    place = files(tmp_path, *names)
    with pytest.raises(InputError) as told:
        check_run_files(spark, place)
    assert str(told.value) == (
        f"{place} has no _SUCCESS: the run that should have written it did not come to its end; look at "
        "that run, and start it again."
    )


def lies_in(outer: str) -> str:
    return (
        f"lies in the data set {outer}, which has runs of its own: upload the file into a folder that no data"
    )


def holds(inner: str) -> str:
    return f"is a folder of other data sets, of {inner} for one: upload the file under a name that no folder"


@pytest.mark.parametrize(
    ("there", "dataset", "says"),
    [
        ("listings", "listings/x", lies_in("{}/clean/listings")),
        ("a/b", "a/b/c/d", lies_in("{}/clean/a/b")),
        ("a", "a/b/c/d", lies_in("{}/clean/a")),
        ("listings/x", "listings", holds("x")),
        ("listings/x/y", "listings", holds("x")),
        *(
            (f"l/{name}", "l", holds(name))
            for name in ("r", "run", "run_id", "run_i", "rx", "RUN_ID=1", "zz")
        ),
    ],
)
def test_no_data_set_lies_in_another(
    spark: SparkSession, tmp_path: Path, there: str, dataset: str, says: str
) -> None:
    root = files(tmp_path, f"clean/{there}/run_id=1/_SUCCESS")
    place = f"{root}/clean/{dataset}"
    with pytest.raises(InputError) as told:
        check_not_nested(spark, f"{place}/run_id=2")
    assert str(told.value).startswith(f"{place} {says.format(root)}")


@pytest.mark.parametrize("dataset", ["listings", "list", "listings2", "listings/b", "a", "a/b", "new/x"])
def test_data_sets_beside_each_other_are_let_pass(spark: SparkSession, tmp_path: Path, dataset: str) -> None:
    names = ("listings", "a/b", "new/y") if dataset != "listings/b" else ("other",)
    there = [name for name in names if not name.startswith(f"{dataset}/")]
    root = files(tmp_path, *(f"clean/{name}/run_id={run}/_SUCCESS" for name in there for run in (1, 2)))
    check_not_nested(spark, f"{root}/clean/{dataset}/run_id=1")


def test_a_job_asks_before_it_writes(spark: SparkSession, tmp_path: Path) -> None:
    root = files(tmp_path, "rejected/listings/run_id=1/_SUCCESS")
    (tmp_path / "x.csv").write_text("\n".join([header_line(), csv_line()]))
    places = [f"--{kind}_uri={root}/{kind}/listings/x/run_id=2" for kind in ("clean", "rejected")]
    with pytest.raises(InputError, match=r"rejected/listings/x lies in the data set"):
        clean_job.main([f"--input_uri={root}/x.csv", *places])
    assert not (tmp_path / "clean").exists()
