# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.nightly.faults.mutation_run FOLDER FIRST COUNT``: the jobs' functions over mutants.

All of them in one Spark. Prints one JSON line per mutant:
``{"seed", "what", "ended": "clean"|"refused"|"broken", "says", "rows"}``.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
from clean_job import clean
from clean_job import parse_arguments as clean_arguments
from process_job import parse_arguments as process_arguments
from process_job import process
from pyspark.sql import SparkSession

from tests.nightly.faults.mutants import Mutant, mutant
from transforms.errors import InputError
from transforms.job_run import JobRun
from transforms.session import start_spark
from xray_helper import traced_job

RUN_DATE = "2026-01-01"
PROCESS_EACH = 10  # the process job sees each tenth mutant
PARTS = ("clean", "rejected", "processed")
TYPES = {
    "id": "int64", "lat": "double", "long": "double", "construction_year": "int32", "minimum_nights": "int32",
    "review_rate_number": "int32", "calculated_host_listings_count": "int32", "number_of_reviews": "int64",
    "reviews_per_month": "double", "instant_bookable": "bool", "last_review": "date32[day]",
    "price": "decimal128(12, 2)", "service_fee": "decimal128(12, 2)", "reviews_per_month_sqrt": "double",
    "number_of_reviews_sqrt": "double", "calculated_host_listings_count_sqrt": "double",
}  # fmt: skip
SETTINGS = {
    "spark.master": "local[2]", "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.driver.host": "127.0.0.1",
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Try the mutants."""
    folder, first, count = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    builder = SparkSession.builder
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    builder.getOrCreate().sparkContext.setLogLevel("OFF")
    spark = start_spark()
    for seed in range(first, first + count):
        print(
            json.dumps(
                {"seed": seed, **_try(spark, folder, mutant(seed), process_too=seed % PROCESS_EACH == 0)}
            )
        )
        sys.stdout.flush()


def _try(spark: SparkSession, folder: Path, one: Mutant, *, process_too: bool) -> dict[str, Any]:
    source = folder / one.name
    source.write_bytes(one.content)
    places = {part: folder / part / source.stem / "run_id=1" for part in PARTS}
    said: dict[str, Any] = {"what": one.what, "says": ""}
    try:
        report = _run(spark, source, places, process_too=process_too)
    except InputError as error:
        text = str(error)
        written = [path for part in PARTS for path in places[part].rglob("*") if path.is_file()]
        fine = source.name in text and "\n" not in text and not written
        return said | {"ended": "refused" if fine else "broken", "says": f"{type(error).__name__}: {text}"}
    except Exception as error:  # any other exception is what this looks for
        return said | {"ended": "broken", "says": f"{type(error).__name__}: {error}"[:500]}
    wrong = [*_conservation(one, report, places), *_types(places["clean"])]
    return said | {
        "ended": "broken" if wrong else "clean",
        "says": "; ".join(wrong),
        "rows": report["rows_read"],
    }


def _run(spark: SparkSession, source: Path, places: dict[str, Path], *, process_too: bool) -> dict[str, Any]:
    """Run the clean job, sometimes the process job too; what the clean job reports."""
    uris = {part: f"file://{path}" for part, path in places.items()}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), traced_job("mutants", argv=[]) as job:
        given = [
            "--input_uri",
            f"file://{source}",
            "--clean_uri",
            uris["clean"],
            "--rejected_uri",
            uris["rejected"],
        ]
        arguments = clean_arguments([*given, "--run_date", RUN_DATE])
        clean(JobRun(job, spark, arguments, arguments.input_uri))
        if process_too:
            given = ["--clean_uri", uris["clean"], "--processed_uri", uris["processed"]]
            arguments = process_arguments(given)
            process(JobRun(job, spark, arguments, arguments.clean_uri))
    report: dict[str, Any] = json.loads(printed.getvalue().splitlines()[0])
    return report


def _conservation(one: Mutant, report: dict[str, Any], places: dict[str, Path]) -> list[str]:
    """Compare what went in, what the job says, and what is in the files."""
    lines = [line for path in places["rejected"].glob("*.json") for line in path.open(encoding="utf-8")]
    reasons = Counter(json.loads(line)["_reason"] for line in lines)
    rows = sum(pq.read_metadata(path).num_rows for path in places["clean"].glob("*.parquet"))
    checks = {
        f"{one.records} records went in": one.records in (None, report["rows_read"]),
        f"{rows} clean rows are there": rows == report["rows_clean"],
        f"rejected are {dict(reasons)}": dict(reasons) == report["rejected_by_reason"],
        "the sum is wrong": report["rows_read"] == rows + report["rows_duplicate"] + len(lines),
    }
    if places["processed"].exists():
        done = ds.dataset(places["processed"] / "listings", format="parquet").count_rows()
        checks[f"{done} rows were processed"] = done == rows
    return [f"{text}, the job says {report}" for text, fine in checks.items() if not fine]


def _types(folder: Path) -> list[str]:
    """Look for clean rows that the contract does not allow."""
    table = ds.dataset(folder, format="parquet").to_table()
    wrong = [
        f"{field.name} is {field.type}"
        for field in table.schema
        if str(field.type) != TYPES.get(field.name, "string")
    ]
    return wrong + [
        f"a clean row breaks a rule: {row}"[:300] for row in table.to_pylist() if not _allowed(row)
    ]


def _allowed(row: dict[str, Any]) -> bool:
    counts = ("reviews_per_month", "number_of_reviews", "calculated_host_listings_count")
    needed = ("id", "lat", "long", "price", "service_fee", "neighbourhood", "construction_year", *counts)
    return (
        all(row[name] is not None for name in needed)
        and 1 <= row["minimum_nights"] <= 364
        and all(row[name] >= 0 and math.isclose(row[f"{name}_sqrt"], math.sqrt(row[name])) for name in counts)
        and min(row["price"], row["service_fee"]) >= 0
        and row["room_type"] in ("Entire home/apt", "Private room", "Shared room", "Hotel room")
        and (row["last_review"] is None or row["last_review"] <= date.fromisoformat(RUN_DATE))
    )


if __name__ == "__main__":
    main(sys.argv[1:])
