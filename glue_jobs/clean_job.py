# SPDX-License-Identifier: Apache-2.0
"""Clean listings: every row of the input ends clean, counted as a duplicate, or rejected with its reason.

On Glue, or by hand::

    python clean_job.py --input_uri file:///data/listings.csv \
        --clean_uri file:///out/clean/listings/run_id=1 --rejected_uri file:///out/rejected/listings/run_id=1
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial

from pyspark.sql import DataFrame, SparkSession

from data_layout.places import dataset_and_run
from transforms.arguments import Parser, check_apart, check_room, day, today
from transforms.column_types import convert_types
from transforms.columns import drop_columns, keep_original
from transforms.conservation import Tally, check_conservation
from transforms.currency import convert_currency
from transforms.duplicates import mark_duplicates
from transforms.errors import InputError
from transforms.failures import explained
from transforms.nights import check_minimum_nights
from transforms.nulls import fill_nulls
from transforms.outcome import Outcome, measure_outcome
from transforms.places import check_missing, check_room_types, correct_neighbourhood_groups
from transforms.reading import dropped_columns, open_source, read_records, unknown_columns
from transforms.reading.version import check_version
from transforms.reporting import report_rows
from transforms.review_dates import fill_dates, keep_valid_dates
from transforms.session import start_spark
from transforms.skewness import check_counts, fill_counts
from transforms.steps import explained_step
from transforms.writing import (
    clean_rows,
    count_lines,
    count_parquet,
    rejected_rows,
    store_original,
    write_json_lines,
    write_parquet,
)
from xray_helper import Job, traced_job


def main(argv: Sequence[str] | None = None) -> None:
    """Run the job with the arguments of the command line."""
    with traced_job("clean job", argv=argv) as job:
        arguments = parse_arguments(argv)
        job.annotate(**dataset_and_run(arguments.clean_uri))
        job.spill_to(arguments.clean_uri)
        clean(job, start_spark(), arguments)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the job's own arguments."""
    parser = Parser(__doc__)
    parser.add_uri("--input_uri", "the object to clean")
    parser.add_uri("--clean_uri", "where clean rows go, as Parquet")
    parser.add_uri("--rejected_uri", "where rejected rows go, as JSON lines")
    parser.add_argument(
        "--input_version", default="", help="S3 version id that must be the newest; default: any"
    )
    parser.add_argument(
        "--run_date", type=day, default=today(), help="later reviews are wrong; default: today"
    )
    arguments = parser.parse(argv)
    check_apart(arguments.input_uri, arguments.clean_uri, arguments.rejected_uri)
    check_room(arguments.clean_uri, arguments.rejected_uri)
    return arguments


def clean(job: Job, spark: SparkSession, arguments: argparse.Namespace) -> None:
    """Go through the rules of the data contract, in their order."""
    uri = arguments.input_uri
    with explained_step(job, "Read Data", uri) as step:
        check_version(uri, arguments.input_version)
        source = open_source(spark, uri)
        step.set_attribute("read.tasks", max(1, len(source.shares or ())))
        read = Tally(place="read", recount=lambda _: read_records(spark, source).count())
        rows = step.output(read.watch(read_records(spark, source)))
    with explained_step(job, "Drop Columns", uri) as step:
        step.set_attribute("columns.dropped", dropped_columns(source.columns))
        step.set_attribute("columns.unknown", unknown_columns(source.columns))
        rows = step.output(drop_columns(rows, source.columns))
    with explained_step(job, "Remove Duplicates", uri) as step:
        rows = step.output(keep_original(mark_duplicates(rows, source.partitions), source.columns))
    with explained_step(job, "Fill Null Values", uri) as step:
        rows = step.output(check_minimum_nights(fill_nulls(rows)))
    with explained_step(job, "Convert Currency", uri) as step:
        rows = check_missing(convert_currency(rows))
        rows = step.output(check_room_types(correct_neighbourhood_groups(rows)))
    with explained_step(job, "Fix Skewness", uri) as step:
        # Medians are those of the rows that are left: whatever can still reject a row comes before them.
        # Stored, because three passes need the rows: with 300,000 of them (72 MB, 2 cores) a pass over the
        # store takes 2 s, one over the input 14 s. Dates are read before that, for the same pass to find the
        # median of theirs.
        typed = keep_valid_dates(convert_types(check_counts(rows)), arguments.run_date)
        stored = store_original(typed).persist()
        outcome = measure_outcome(stored)
        check_version(uri, arguments.input_version)  # now it has been read; once more, because uploads go on
        _tell(job, outcome, uri)
        rows = step.output(fill_counts(stored, outcome.medians))
    with explained_step(job, "Correct Review Dates", uri) as step:
        rows = step.output(fill_dates(rows, outcome.median_date))
    with explained_step(job, "Write Data", uri):
        written = _write(spark, rows, arguments)
        check_conservation(read, written, left_out=outcome.duplicate)
    stored.unpersist()
    print(json.dumps({"job": "clean", **outcome.report()}))


def _write(spark: SparkSession, rows: DataFrame, arguments: argparse.Namespace) -> list[Tally]:
    """Write the rejected rows, then the clean ones: where these are complete, those are too."""
    rejected_uri, clean_uri = arguments.rejected_uri, arguments.clean_uri
    rejected = Tally(place="rejected", recount=lambda _: count_lines(spark, rejected_uri))
    with explained(rejected_uri, reading=False):
        write_json_lines(rejected.watch(rejected_rows(rows)), rejected_uri)
    clean = Tally(place="clean", recount=partial(count_parquet, spark, clean_uri))
    with explained(clean_uri, reading=False):
        write_parquet(clean.watch(clean_rows(rows)), clean_uri)
    return [clean, rejected]


def _tell(job: Job, outcome: Outcome, uri: str) -> None:
    """Put the numbers on the trace as soon as they are known."""
    report = outcome.report()
    job.annotate(**{name: report[name] for name in ("rows_read", "rows_clean", "rows_rejected")})
    report_rows(job, outcome)
    job.set_attribute("rows_duplicate", outcome.duplicate)
    job.set_attribute("rejected_by_reason", json.dumps(report["rejected_by_reason"]))
    if not outcome.rows:
        raise InputError(f"{uri} has no records: only blank lines follow its header.")


if __name__ == "__main__":
    main()
