# SPDX-License-Identifier: Apache-2.0
"""One rule for the names of uploads: what the function starts, no job refuses for its name."""

from __future__ import annotations

from datetime import UTC, datetime

import clean_job
import process_job
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layout.datasets import NotADataSet, dataset_of
from data_layout.formats import extension_of
from start_pipeline.execution import execution_input, execution_name
from start_pipeline.object_version import ObjectVersion
from transforms.errors import ArgumentsError
from transforms.reading.formats import format_of

BAD_PART = (
    "A part of its path is empty or begins with 'run_id=', '_' or '.'; "
    "name every folder and the file otherwise."
)
TOO_LONG = (
    "Its path has more than 726 bytes, which leaves no room for the names of its outputs in S3's 1024 bytes "
    "of a key; give it a shorter one."
)
NOT_SUPPORTED = (
    "Its extension is not supported; supported are .csv, .json, .jsonl and .ndjson, "
    "each also with .gz in lower case."
)


def input_of(key: str) -> dict[str, str | None]:
    """What the function hands to the state machine."""
    version = ObjectVersion(
        bucket="b" * 63,
        key=key,
        version_id="v",
        etag="e",
        sequencer="1",
        event_time=datetime(2026, 11, 21, tzinfo=UTC),
    )
    return execution_input(version, name=execution_name(version), trace_header="h")


def parse(values: dict[str, str | None]) -> None:
    """Hand the values to both jobs, as Glue does."""
    for job, names in (
        (clean_job, ("input_uri", "input_version", "clean_uri", "rejected_uri", "run_date")),
        (process_job, ("clean_uri", "processed_uri")),
    ):
        given_ = {"input_version": values["version_id"], **values}
        job.parse_arguments([word for name in names for word in (f"--{name}", given_[name] or "")])


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("clean/listings.csv", "It is not below input/, where data sets are uploaded."),
        ("input/../clean/x.csv", BAD_PART),
        ("input//x.csv", BAD_PART),
        ("input/.csv", BAD_PART),
        ("input/folder/.json.gz", BAD_PART),
        ("input/listings/run_id=listings-1.csv", BAD_PART),
        ("input/run_id=listings-1/x.csv", BAD_PART),
        ("input/a/RUN_ID=1/x.csv", BAD_PART),
        ("input/listings/run_id=.csv", BAD_PART),
        ("input/_temporary/x.csv", BAD_PART),
        ("input/_SUCCESS.csv", BAD_PART),
        ("input/.hidden/x.csv", BAD_PART),
        ("input/...csv", BAD_PART),
        (f"input/{'x' * 727}.csv", TOO_LONG),
        (f"input/{'é' * 364}.csv", TOO_LONG),
        ("input/listings.csv.GZ", NOT_SUPPORTED),
        ("input/run_id=1.xlsx", NOT_SUPPORTED),
    ],
)
def test_keys_that_are_no_data_set(key: str, reason: str) -> None:
    with pytest.raises(NotADataSet) as told:
        dataset_of(key)
    assert str(told.value) == reason


@pytest.mark.parametrize(
    "key",
    [
        "input/UPPER.CSV",
        "input/LISTINGS.Csv.gz",
        "input/year=2026/listings.csv",
        "input/my_run_id=7.csv",
        "input/a/b_/c-.json",
        f"input/{'x' * 726}.csv",
        f"input/{'a/' * 362}xx.ndjson",
        f"input/{'x' * 80}/{'品' * 210}.jsonl.gz",
    ],
)
def test_what_the_function_starts_the_jobs_take(key: str) -> None:
    parse(input_of(key))
    assert format_of(f"s3://b/{key}").compressed == key.endswith(".gz")


@settings(deadline=None, max_examples=200)
@given(
    st.text(st.sampled_from("aB/._=-:% \nrun_id品"), max_size=30),
    st.sampled_from([".csv", ".JSONL", ".csv.gz"]),
)
def test_no_key_is_accepted_and_then_refused(name: str, extension: str) -> None:
    key = f"input/{name}{extension}"
    try:
        dataset_of(key)
    except NotADataSet:
        return
    parse(input_of(key))


OTHER_RUN = "s3://b/clean/listings/run_id=listings-1"


@pytest.mark.parametrize(
    ("given_", "refused"),
    [
        ({"clean_uri": f"{OTHER_RUN}/run_id=2"}, f"{OTHER_RUN}/run_id=2"),
        ({"clean_uri": f"{OTHER_RUN}/x/run_id=2"}, f"{OTHER_RUN}/x/run_id=2"),
        ({"clean_uri": "s3://b/clean/_x/run_id=2"}, "s3://b/clean/_x/run_id=2"),
        ({"input_uri": "s3://b/input/listings/run_id=listings-1.csv"},
         "s3://b/input/listings/run_id=listings-1.csv"),
        ({"input_uri": "s3://b/input/.x/a.csv"}, "s3://b/input/.x/a.csv"),
    ],
)  # fmt: skip
def test_a_job_started_by_hand_is_held_to_the_same_rule(given_: dict[str, str], refused: str) -> None:
    places = {
        "input_uri": "s3://b/input/a.csv",
        "clean_uri": "s3://b/clean/a/run_id=1",
        "rejected_uri": "s3://b/rejected/a/run_id=1",
        **given_,
    }
    with pytest.raises(ArgumentsError) as told:
        clean_job.parse_arguments([f"--{name}={uri}" for name, uri in places.items()])
    assert str(told.value) == f"{refused} is refused: a{BAD_PART[1:]}"


def test_files_of_ones_own_may_lie_anywhere() -> None:
    clean_job.parse_arguments(
        [
            "--input_uri=file:///home/me/.data/_x/a.csv",
            "--clean_uri=file:///home/me/.data/clean/_x/run_id=1",
            "--rejected_uri=file:///home/me/.data/rejected/_x/run_id=1",
        ]
    )


@pytest.mark.parametrize("name", ["a.csv.GZ", "a.csv.Gz", "a.gz", "a.CSVX"])
def test_gzip_that_hadoop_would_not_unpack_is_no_format(name: str) -> None:
    assert extension_of(name) is None
