# SPDX-License-Identifier: Apache-2.0
"""Arguments: what a job takes, and what it says when it cannot."""

from __future__ import annotations

from datetime import date

import clean_job
import pytest

from data_layout.places import dataset_and_run
from transforms.arguments import today
from transforms.errors import ArgumentsError

INPUT = "--input_uri=s3://b/input/a.csv"
OUTPUTS = ("--clean_uri=s3://b/clean/a/run_id=1/", "--rejected_uri=s3://b/rejected/a/run_id=1/")
NAMES = (
    "the job's arguments are --input_uri, --clean_uri, --rejected_uri, --input_version, --run_date, "
    "--max_replaced_percent"
)
ATTACKS = [
    "-h",
    "--help",
    "--run_date=1900-01-01",
    "--run_date",
    "--run=1900-01-01",
    "--traces=off",
    "--",
    "-",
]


def test_glue_adds_arguments_that_are_let_pass() -> None:
    glue = ("--JOB_NAME", "x", "--JOB_RUN_ID", "jr_1", "--TempDir", "s3://b/t", "--run_date", "2022-07-01")
    arguments = clean_job.parse_arguments([INPUT, *OUTPUTS, *glue, "--trace_header", "Root=1"])
    assert vars(arguments) == {
        "input_uri": "s3://b/input/a.csv",
        "clean_uri": "s3://b/clean/a/run_id=1",
        "rejected_uri": "s3://b/rejected/a/run_id=1",
        "input_version": "",
        "run_date": date(2022, 7, 1),
        "max_replaced_percent": 50.0,
    }


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("name", ["--correlation_id", "--caller", "--comment", "-c"])
def test_a_value_never_becomes_an_option(name: str, text: str) -> None:
    given = [INPUT, name, text, *OUTPUTS, "--run_date", "2022-07-01"]
    arguments = clean_job.parse_arguments(given)
    assert arguments.run_date == date(2022, 7, 1)
    before = clean_job.parse_arguments([INPUT, *OUTPUTS, "--run_date", "2022-07-01", name, text])
    assert before == arguments


def test_a_version_of_s3_may_begin_with_a_dash() -> None:
    version = "-nOtAnOption.rmSpXd3dIbrHY"
    assert clean_job.parse_arguments([INPUT, *OUTPUTS, "--input_version", version]).input_version == version


def test_the_run_is_today_unless_it_is_told() -> None:
    before = today()
    assert before <= clean_job.parse_arguments([INPUT, *OUTPUTS]).run_date <= today()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([INPUT], f"the following arguments are required: --clean_uri, --rejected_uri; {NAMES}."),
        ([INPUT, *OUTPUTS, "--run_date=7/1/2022"],
         f"argument --run_date: 7/1/2022 is not a date YYYY-MM-DD; {NAMES}."),
        ([INPUT, *OUTPUTS, "--run_date"], f"argument --run_date: expected one argument; {NAMES}."),
        *(([INPUT, *OUTPUTS, f"--max_replaced_percent={text}"],
           f"argument --max_replaced_percent: {text} is not a number from 0 to 100; {NAMES}.")
          for text in ("half", "101", "-1", "nan", "50%")),
        (["--input_uri=/data/a.csv", *OUTPUTS],
         f"argument --input_uri: /data/a.csv is not s3://bucket/key or file:///path; {NAMES}."),
        (["--input_uri=s3://b/", *OUTPUTS],
         f"argument --input_uri: s3://b/ is not s3://bucket/key or file:///path; {NAMES}."),
        (["--help"],
         f"the following arguments are required: --input_uri, --clean_uri, --rejected_uri; {NAMES}."),
        ([INPUT, "--clean_uri=s3://b/input", OUTPUTS[1]],
         "s3://b/input/a.csv and s3://b/input overlap: name places that are apart."),
        ([INPUT, OUTPUTS[0], "--rejected_uri=s3://b/clean/a/run_id=1/rejected"],
         "s3://b/clean/a/run_id=1 and s3://b/clean/a/run_id=1/rejected overlap: name places that are apart."),
    ],
)  # fmt: skip
def test_arguments_that_cannot_be_used(arguments: list[str], message: str) -> None:
    with pytest.raises(ArgumentsError) as failure:
        clean_job.parse_arguments(arguments)
    assert str(failure.value) == message


@pytest.mark.parametrize("key", ["input/../secret/a.csv", "input//a.csv", "input/./a.csv"])
def test_keys_that_hadoop_would_change_are_refused(key: str) -> None:
    with pytest.raises(
        ArgumentsError, match=r"has an empty part, '\.' or '\.\.' in its path: rename the object"
    ):
        clean_job.parse_arguments([f"--input_uri=s3://b/{key}", *OUTPUTS])


def test_places_that_only_begin_alike_are_apart() -> None:
    clean_job.parse_arguments([INPUT, "--clean_uri=s3://b/clean/a", "--rejected_uri=s3://b/clean/ab"])


@pytest.mark.parametrize(
    ("uri", "annotations"),
    [
        ("s3://b/clean/listings/run_id=x-1", {"dataset": "listings", "run_id": "x-1"}),
        ("s3://b/processed/clean/2024/a b%/run_id=x", {"dataset": "clean/2024/a b%", "run_id": "x"}),
        ("file:///tmp/t/rejected/a/run_id=1/", {"dataset": "a", "run_id": "1"}),
        ("s3://b/clean/listings", {}),
    ],
)
def test_data_set_and_run_are_read_from_the_place(uri: str, annotations: dict[str, str]) -> None:
    assert dataset_and_run(uri) == annotations


def test_an_output_whose_files_would_have_no_name_is_refused() -> None:
    long = f"s3://b/by_hand/{'a' * 825}/run_id=1"  # 8 + 825 + 9 bytes of key, of 824
    with pytest.raises(ArgumentsError) as told:
        clean_job.parse_arguments([INPUT, f"--clean_uri={long}", OUTPUTS[1]])
    assert str(told.value) == (
        f"{long} leaves no room for file names in S3's 1024 bytes of a key: "
        "give the input object a shorter key."
    )


@pytest.mark.parametrize("uri", [f"s3://b/{'a' * 824}", f"file:///{'a/' * 500}run_id=1"])
def test_an_output_with_room_for_file_names_is_taken(uri: str) -> None:
    assert clean_job.parse_arguments([INPUT, f"--clean_uri={uri}", OUTPUTS[1]]).clean_uri == uri
