# SPDX-License-Identifier: Apache-2.0
"""One Spark for all tests of the jobs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import clean_job
import process_job
import pytest
from pyspark.sql import SparkSession

from tests.listing import header_line
from tests.quick_spark import quick_spark
from tests.spark.jobs.samples import Run
from transforms.session import start_spark

# No Java is generated and compiled for each query: hundreds of short ones here. test_scripts.py has it all.
INTERPRETED = tuple(
    f"--conf=spark.sql.codegen.{setting}" for setting in ("wholeStage=false", "factoryMode=NO_CODEGEN")
)
os.environ.update(quick_spark(*INTERPRETED))
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


@pytest.fixture(scope="package")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session as small as it can be, with the settings of the jobs."""
    scratch = tmp_path_factory.mktemp("spark")
    builder: SparkSession.Builder = SparkSession.builder
    session = (
        builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", f"{scratch}/warehouse")
        .config("spark.local.dir", str(scratch))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield start_spark()
    session.stop()


@pytest.fixture
def place(tmp_path: Path) -> Callable[..., Path]:
    """Write an input file: bytes as they are, or lines below the header."""

    def write(content: bytes | list[str], name: str = "listings.csv") -> Path:
        path = tmp_path / "input" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, bytes) else "\n".join([header_line(), *content, ""]).encode()
        path.write_bytes(text)
        return path

    return write


@pytest.fixture
def clean(spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run the clean job on a file, as of 1 July 2022, and read what it has written."""

    def run(path: Path, *options: str, run_date: str = "2022-07-01") -> Run:
        outputs = {name: tmp_path / name / "listings" / "run_id=r1" for name in ("clean", "rejected")}
        arguments = [f"--{name}_uri=file://{place}" for name, place in outputs.items()]
        clean_job.main([f"--input_uri=file://{path}", *arguments, f"--run_date={run_date}", *options])
        summary = json.loads(capsys.readouterr().out.splitlines()[-1])
        return Run(summary=summary, clean=outputs["clean"], rejected=outputs["rejected"])

    return run


@pytest.fixture
def process(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path], tuple[dict[str, object], Path]]:
    """Run the process job on clean listings; its summary and where it has written."""

    def run(clean_listings: Path) -> tuple[dict[str, object], Path]:
        output = tmp_path / "processed" / "listings" / "run_id=r1"
        process_job.main([f"--clean_uri=file://{clean_listings}", f"--processed_uri=file://{output}"])
        return json.loads(capsys.readouterr().out.splitlines()[-1]), output

    return run
