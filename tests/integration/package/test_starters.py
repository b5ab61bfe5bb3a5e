# SPDX-License-Identifier: Apache-2.0
"""Jobs that a person starts on a laptop, by an installed wheel: S3 and all, in a local cloud."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from tests.integration.package.conftest import Installation

ORDERS = """
import sys, boto3
from pyspark.sql import SparkSession
s3, bucket = boto3.client("s3"), sys.argv[1]
s3.create_bucket(Bucket=bucket)
s3.put_object(Bucket=bucket, Key="in/a.csv", Body="customer,amount\\nann,1\\nbob,2\\nann,3\\n")
spark = SparkSession.builder.getOrCreate()
orders = spark.read.csv(f"s3://{bucket}/in/", header=True)
orders.groupBy("customer").count().write.parquet(f"s3a://{bucket}/out/")
print(spark.read.parquet(f"s3://{bucket}/out/").count())
"""
TRACED = """
from xray_helper import step, traced_job
with traced_job():
    from pyspark.sql import SparkSession
    with step("Count"):
        print(SparkSession.builder.getOrCreate().range(7).count())
"""
PLAIN = """
from xray_helper import step, traced_job
with traced_job(), step("Work"):
    print("worked")
"""
# Short jobs on two cores; Java says on stderr that it takes them.
QUICK = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


@pytest.fixture(scope="module")
def laptop(local: Installation) -> Installation:
    """An environment with a PySpark of the user's own, and the viewer."""
    local.install(f"pyspark=={version('pyspark')}", "jinja2", "rich")
    for name, script in (("orders", ORDERS), ("traced", TRACED), ("plain", PLAIN)):
        (local.folder / f"{name}.py").write_text(script)
    return local


def test_a_job_of_ones_own_runs_against_the_local_s3_and_is_shown(laptop: Installation) -> None:
    done = laptop.run("glue-xray", "local", "run", "--", "glue-xray", "run", "orders.py", "ours", **QUICK)
    assert done.stdout == "2\n"
    shown = ["S3  CreateBucket", "orders.py:8 read.csv", "orders.py:9 write.parquet", "3 → 2 records"]
    assert [text for text in shown if text not in done.stderr] == [], done.stderr


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        (["spark-submit", "traced.py", "--traces", "on"], "7\n"),  # as EMR and Databricks submit
        (["python", "plain.py", "--traces", "on"], "worked\n"),  # as in a container
        (["glue-xray", "run", "--traces", "on", "plain.py"], "worked\n"),
    ],
)
def test_a_process_starts_a_trace_of_its_own(laptop: Installation, command: list[str], printed: str) -> None:
    done = laptop.run("glue-xray", "local", "run", "--", *command, **QUICK)
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]  # spark-submit makes one stream of both
    assert done.stdout.startswith(printed)
    (line,) = [line for line in lines if line.startswith("Trace 1-")]
    sent = re.search(r"made=(\d+) sent=(\d+) \(collector=0 x-ray=(\d+)\) spilled=0 dropped=0", line)
    assert sent and sent[1] == sent[2] == sent[3] != "0", line


def test_without_java_a_sentence_says_what_to_set(laptop: Installation) -> None:
    (laptop.folder / "count.py").write_text(TRACED)
    home = str(laptop.folder / "no-java")
    done = laptop.run("glue-xray", "run", "--html", "t.html", "count.py", code=1, JAVA_HOME=home)
    assert f"glue-xray run: JAVA_HOME is {home}, which has no bin/java: set it" in done.stderr
