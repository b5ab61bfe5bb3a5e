# SPDX-License-Identifier: Apache-2.0
"""``awsglue`` in a job: AWS's own Python part, on our side of the JVM. One run, one line for each claim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.local_cloud.glue_jobs import messages, run_job
from tests.waiting import Client

_ORDERS = "id,who,price\n1,Ann,1.5\n2,Bob,2.5\n3,,\n"
_NESTED = (
    '{"id": 1, "at": {"city": "Oslo"}, "tags": ["a", "b"], "lines": [{"n": 1}], "empty": null}\n'
    '{"id": 2, "at": null, "tags": [], "lines": null, "empty": null}\n'
)
_PERSONS = [
    {"id": 1, "person": {"name": "Ann"}, "price": 1.5},
    {"id": 2, "person": {"name": "Bob"}, "price": 2.5},
    {"id": 3, "person": {}, "price": None},
]


def _table(aws: Client, bucket: str) -> None:
    """Make a table of which the catalog knows one partition of two."""
    glue, location = aws("glue"), f"s3://{bucket}/awsglue/sales"
    storage = {
        "Columns": [{"Name": "shop", "Type": "string"}, {"Name": "total", "Type": "double"}],
        "Location": location,
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ";"},
        },
    }
    keys = [{"Name": "year", "Type": "string"}]
    table = {"Name": "sales", "StorageDescriptor": storage, "PartitionKeys": keys}
    glue.create_database(DatabaseInput={"Name": "shop"})
    glue.create_table(DatabaseName="shop", TableInput=table)
    partition = {"Values": ["2026"], "StorageDescriptor": {**storage, "Location": f"{location}/year=2026"}}
    glue.create_partition(DatabaseName="shop", TableName="sales", PartitionInput=partition)


@pytest.fixture(scope="module")
def run(aws: Client, bucket: str) -> dict[str, Any]:
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="awsglue/orders.csv", Body=_ORDERS)
    s3.put_object(Bucket=bucket, Key="awsglue/nested.json", Body=_NESTED)
    for year, line in (("2025", "a;1.0\n"), ("2026", "b;2.5\n")):
        s3.put_object(Bucket=bucket, Key=f"awsglue/sales/year={year}/1.csv", Body=line)
    _table(aws, bucket)
    script = Path(__file__).with_name("awsglue_script.py").read_text()
    arguments = {"--bucket": bucket, "--note": "a b", "--job-bookmark-option": "job-bookmark-enable"}
    return run_job(aws, bucket, "public", script, Arguments=arguments)


@pytest.fixture(scope="module")
def said(aws: Client, run: dict[str, Any]) -> dict[str, Any]:
    lines = [line.split(" ", 2) for line in messages(aws, "/aws-glue/jobs/output", run["Id"])]
    return {line[1]: json.loads(line[2]) for line in lines if line[0] == "="}


def test_the_script_ends_well_though_it_commits_twice(run: dict[str, Any]) -> None:
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)


_EXPECTED: dict[str, Any] = {
    "arguments": {"JOB_NAME": "public", "note": "a b", "job_bookmark_option": "job-bookmark-enable"},
    "option_number": "-1",
    "option_equals": "--x",
    "options": [
        "none",
        "none",
        "GlueArgumentError: argument --word: expected one argument",
        "GlueArgumentError: the following arguments are required: --nowhere",
        "RuntimeError: Using reserved arguments job-bookmark-option",
    ],
    "session": [10, "GlueLogger"],
    "csv": [{"id": "string", "who": "string", "price": "string"}, 3],
    "csv_without_header": {"col0": "string", "col1": "string", "col2": "string"},
    "ApplyMapping": [
        {"id": "bigint", "person": "struct<name:string>", "price": "double"},
        [{name: value for name, value in row.items() if value is not None} for row in _PERSONS],
    ],
    "SelectFields": {"price": "double"},
    "DropFields": {"id": "bigint", "price": "double"},
    "RenameField": {"id": "bigint", "price": "double", "name": "string"},
    # What failed on a price that is not there is left out
    "Filter": [{"id": "bigint", "person": "struct<name:string>", "price": "double"}, [_PERSONS[1]]],
    "Map": [
        {"id": "bigint", "price": "double", "tax": "double"},
        [{"id": 1, "price": 1.5, "tax": 0.75}, {"id": 2, "price": 2.5, "tax": 1.25}],
        [1, 1],
    ],
    "errors": [1, 0],
    "Join": [
        {"id": 1, "price": 1.5, "tax": 0.75, ".id": 1, ".price": 1.5, "name": "Ann"},
        {"id": 2, "price": 2.5, "tax": 1.25, ".id": 2, ".price": 2.5, "name": "Bob"},
    ],
    "ResolveChoice": {"id": "int", "who": "string", "price": "string"},
    "SplitRows": {"frame1": 1, "frame2": 2},
    "SplitFields": {"l": {"id": "bigint"}, "r": {"person": "struct<name:string>", "price": "double"}},
    "UnnestFrame": ["id", "person.name", "price"],
    "union": [6, ["id", "name", "person", "price"]],
    "partitions": [3, 1],
    "Spigot": [3, 2],
    "DropNullFields": ["void", ["at", "id", "lines", "tags"]],
    "Relationalize": {
        "root": [{"at.city": "Oslo", "id": 1, "lines": 0, "tags": 0}, {"id": 2}],
        "root_lines": [{"id": 0, "index": 0, "lines.val.n": 1}],
        "root_tags": [
            {"id": 0, "index": 0, "tags.val": "a"},
            {"id": 0, "index": 1, "tags.val": "b"},
        ],
    },
    "parquet": [
        {"person": "struct<name:string>", "price": "double", "id": "int"},
        [
            {"person": {"name": "Ann"}, "price": 1.5, "id": 1},
            {"person": {"name": "Bob"}, "price": 2.5, "id": 2},
            {"person": {}, "id": 3},
        ],
    ],
    "csv_again": sorted(
        2
        * [
            {"id": "1", "price": "1.5", "name": "Ann"},
            {"id": "2", "price": "2.5", "name": "Bob"},
            {"id": "3"},
        ],
        key=json.dumps,
    ),
    "json": [{"id": 1, "name": "Ann", "price": 1.5}, {"id": 2, "name": "Bob", "price": 2.5}, {"id": 3}],
    # The catalog knows one of the two folders
    "from_catalog": [
        {"shop": "string", "total": "double", "year": "string"},
        [{"shop": "b", "total": 2.5, "year": "2026"}],
    ],
    "push_down_predicate": 0,  # it names the other one
    "enableUpdateCatalog": [
        {"shop": "string", "total": "double", "year": "string"},
        [{"shop": "b", "total": 2.5, "year": "2026"}],
    ],
    "write_from_catalog": 2 * [{"shop": "b", "total": 2.5, "year": "2026"}],
    "fromDF": [3, "long", "numbers"],
}


@pytest.mark.parametrize("name", _EXPECTED)
def test_it_does_what_glue_does(said: dict[str, Any], name: str) -> None:
    assert said[name] == _EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("threshold", "the function failed on 1 records"),
        ("two_types", "Field 'id' has values of several types"),
    ],
)
def test_what_a_function_returns_wrongly_is_one_sentence(
    said: dict[str, Any], name: str, sentence: str
) -> None:
    assert sentence in said[name]


def test_what_is_not_there_is_one_sentence_that_names_it(said: dict[str, Any]) -> None:
    wanted = [
        "connection type 'mysql'",
        "format='xml'",
        "DynamicFrame.unbox",
        "GlueContext.purgeS3Path",
        "format option withSchema of csv",
    ]
    assert len(said["missing"]) == len(wanted)
    for sentence, name in zip(said["missing"], wanted, strict=True):
        assert sentence.startswith(f"NotInTheLocalCloudError: awsglue: the local cloud has no {name}")
        assert sentence.endswith(".") and "\n" not in sentence


def test_bookmarks_and_left_out_records_are_in_the_log(aws: Client, run: dict[str, Any]) -> None:
    text = "\n".join(messages(aws, "/aws-glue/jobs/output", run["Id"]))
    assert "the local cloud keeps no job bookmarks, so public reads everything that is there." in text
    assert "the function failed on 1 records" in text
