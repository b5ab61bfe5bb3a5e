# SPDX-License-Identifier: Apache-2.0
"""A job on the real Spark, through the real API."""

from __future__ import annotations

import io
import textwrap
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from tests.waiting import TERMINAL, Client, wait_until

_KEY = "input/a b+c%41'\"é/" + "ü" * 200 + ".csv"  # the file name has 404 bytes; a disk allows 255
_SCRIPT = """\
import importlib.util, json, os, re, sys
import helper
from pyspark.sql import SparkSession

arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
spark = SparkSession.builder.getOrCreate()
print("setting", spark.conf.get("spark.sql.shuffle.partitions"))
print("helper", helper.NAME)
print("importable", [name for name in ("ministack", "aws_cdk", "pytest") if importlib.util.find_spec(name)])
security = spark.sparkContext._jvm.org.apache.spark.SparkEnv.get().securityManager()
print("authenticates", security.isAuthenticationEnabled() and len(security.getSecretKey()) >= 32)
print("shows", os.environ["AWS_SESSION_TOKEN"] in open(f"/proc/{os.getppid()}/cmdline").read())
print("environment", json.dumps(dict(os.environ)))
literal = re.sub(r"([\\\\*?\\[\\]{}])", r"\\\\\\1", arguments["--input_uri"])
rows = spark.read.option("header", True).csv(literal)
rows.write.parquet(arguments["--output_uri"])
print("rows", spark.read.parquet(arguments["--output_uri"]).count())
rows.selectExpr("assert_true(x < 3, 'x is too large')").write.json(arguments["--output_uri"] + "never/")
"""


@pytest.fixture(scope="module")
def run(aws: Client, bucket: str) -> dict[str, Any]:
    """Run the script once; it fails in its last line, after output was written."""
    s3, glue = aws("s3"), aws("glue")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as modules:
        modules.writestr("helper.py", "NAME = 'from the zip'")
    s3.put_object(Bucket=bucket, Key="code/modules.zip", Body=archive.getvalue())
    s3.put_object(Bucket=bucket, Key="code/job.py", Body=textwrap.dedent(_SCRIPT))
    s3.put_object(Bucket=bucket, Key=_KEY, Body="x,y\n1,2\n3,4\n")
    arguments = {
        "--extra-py-files": f"s3://{bucket}/code/modules.zip",
        "--conf": "spark.sql.shuffle.partitions=3",
        "--custom-logGroup-prefix": "/mine",
    }
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/code/job.py", "PythonVersion": "3"}
    glue.create_job(Name="spark", Role="r", Command=command, GlueVersion="5.1", DefaultArguments=arguments)
    given = {"--input_uri": f"s3://{bucket}/{_KEY}", "--output_uri": f"s3://{bucket}/out/a b/"}
    run_id = glue.start_job_run(JobName="spark", Arguments=given)["JobRunId"]

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = glue.get_job_run(JobName="spark", RunId=run_id)["JobRun"]
        return found if found["JobRunState"] in TERMINAL else None

    found: dict[str, Any] = wait_until(ended, seconds=180)
    return found


@pytest.fixture(scope="module")
def output(aws: Client, run: dict[str, Any]) -> dict[str, str]:
    """What the script printed: the first word of a line and the rest of it."""
    events = aws("logs").get_log_events(logGroupName="/mine/output", logStreamName=run["Id"])["events"]
    return dict(event["message"].partition(" ")[::2] for event in events)


def test_the_error_is_the_one_of_the_failed_line(run: dict[str, Any]) -> None:
    assert run["JobRunState"] == "FAILED"
    expected = "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 18; "
    assert run["ErrorMessage"].startswith(expected)


def test_what_was_written_before_is_there_and_nothing_of_what_failed(
    aws: Client, bucket: str, output: dict[str, str]
) -> None:
    assert output["rows"] == "2"
    objects = aws("s3").list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]
    names = [entry["Key"].removeprefix("out/a b/") for entry in objects]
    assert "_SUCCESS" in names
    assert any(name.endswith(".snappy.parquet") for name in names)
    assert not [name for name in names if name.startswith("never/part") or name.endswith(".crc")]


def test_the_job_finds_its_modules_and_settings(output: dict[str, str]) -> None:
    assert output["helper"] == "from the zip"
    assert output["setting"] == "3"


def test_the_job_sees_nothing_of_this_project(output: dict[str, str]) -> None:
    assert output["importable"] == "[]"
    assert "MINISTACK_HOST" not in output["environment"]
    assert '"AWS_ENDPOINT_URL": "http://127.0.0.1:' in output["environment"]
    assert '"HTTP_PROXY": "http://job:' in output["environment"]


def test_nobody_else_talks_to_the_driver_or_reads_its_token(output: dict[str, str]) -> None:
    assert output["authenticates"] == "True"  # else Spark's ports take Java objects of any user
    assert output["shows"] == "False"  # on its command line, which every user sees


def test_the_log_of_spark_is_kept_apart(aws: Client, run: dict[str, Any]) -> None:
    events = aws("logs").get_log_events(logGroupName="/mine/error", logStreamName=run["Id"])["events"]
    assert any("Running Spark version 3.5.6" in event["message"] for event in events)


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("GetJobRun", lambda glue, run: glue.get_job_run(JobName="spark", RunId=run)),
        ("GetJobRuns", lambda glue, run: glue.get_job_runs(JobName="spark")),
        (
            "BatchStopJobRun",
            lambda glue, run: glue.batch_stop_job_run(JobName="spark", JobRunIds=[run, "jr_x"]),
        ),
        ("GetJob", lambda glue, run: glue.get_job(JobName="spark")),
        ("ListJobs", lambda glue, run: glue.list_jobs()),
        ("BatchGetJobs", lambda glue, run: glue.batch_get_jobs(JobNames=["spark", "none"])),
    ],
)
def test_answers_have_the_shape_that_the_sdk_knows(
    aws: Client, run: dict[str, Any], operation: str, call: Callable[[Any, str], dict[str, Any]]
) -> None:
    answer = call(aws("glue"), run["Id"])
    answer.pop("ResponseMetadata")
    model = ServiceModel(Loader().load_service_model("glue", "service-2"), "glue")
    shape = model.operation_model(operation).output_shape
    report = ParamValidator().validate(answer, shape)
    assert not report.has_errors(), report.generate_report()
    assert set(answer) <= set(shape.members)
