# SPDX-License-Identifier: Apache-2.0
"""Jobs that a person starts on a laptop, by an installed wheel: S3 and all, in a local cloud."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.integration.docs.blocks import blocks, scripts
from tests.integration.docs.collecting import EXAMPLES
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
JOB = """
import xray_helper
from xray_helper import step, traced_job
with traced_job(), step("Work"):
    print("worked with", "library.zip" if "library.zip" in xray_helper.__file__ else "the package")
"""
LIBRARY = "import shutil; from glue_xray.bundle import library_zip; shutil.copy(library_zip(), 'library.zip')"
RUN_PAGE = "docs/run-a-script.md"


@pytest.fixture(scope="module")
def laptop(local: Installation) -> Installation:
    """An environment with a PySpark of the user's own, and the viewer."""
    local.link("pyspark", "py4j")
    local.install("jinja2", "rich")
    for name, script in (("orders", ORDERS), ("traced", TRACED), ("job", JOB)):
        (local.folder / f"{name}.py").write_text(script)
    local.run("python", "-c", LIBRARY)
    shutil.copytree(EXAMPLES, local.folder / "docs" / "examples")
    return local


def test_a_script_as_it_is_by_the_commands_of_the_page(laptop: Installation) -> None:
    [tree] = [block.text for block in blocks() if block.page == RUN_PAGE and block.language == "text"]
    shown = laptop.run("bash", "-euc", scripts()[RUN_PAGE], COLUMNS="200").stdout
    assert shown.startswith("5 customers\n")
    for line in tree.splitlines():  # the page leaves out times, and what is below the executions
        name, _, outcome = line.strip("├└│─ ").partition("  ")
        place = rf"([├└] |\s{{2,}}){re.escape(name)}(\s{{2,}}|$)"
        [row] = [row for row in shown.splitlines() if re.search(place, row)]
        assert outcome.strip() in row


def test_a_job_with_its_own_steps_is_the_example_of_the_page(laptop: Installation) -> None:
    (laptop.folder / "orders.csv").write_text("customer,amount\nada,2\nbo,5\n")
    job = ["python", "docs/examples/orders_job.py", "orders.csv", "totals", "--traces", "on"]
    done = laptop.run("glue-xray", "local", "run", "--", *job)
    assert re.search(r"Trace 1-\S+: spans made=\d+ sent=\d+ ", done.stderr)
    assert (laptop.folder / "totals" / "_SUCCESS").exists()


def test_a_job_of_ones_own_runs_against_the_local_s3_and_is_shown(laptop: Installation) -> None:
    done = laptop.run("glue-xray", "local", "run", "--", "glue-xray", "run", "orders.py", "ours")
    assert done.stdout == "2\n"
    shown = ["S3  CreateBucket", "orders.py:8 read.csv", "orders.py:9 write.parquet", "3 → 2 records"]
    assert [text for text in shown if text not in done.stderr] == [], done.stderr


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        (
            "spark-submit --py-files library.zip job.py --traces on",
            "worked with library.zip\n",
        ),  # of the page
        ("python job.py --traces on", "worked with the package\n"),  # of the page
        ("spark-submit traced.py --traces on", "7\n"),
        ("glue-xray run --traces on job.py", "worked with the package\n"),
    ],
)
def test_a_process_starts_a_trace_of_its_own(laptop: Installation, command: str, printed: str) -> None:
    done = laptop.run("glue-xray", "local", "run", "--", *command.split())
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
