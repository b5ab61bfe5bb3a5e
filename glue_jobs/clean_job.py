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

from pyspark.sql import DataFrame

from transforms.arguments import Parser, day, percent, today
from transforms.column_types import CONVERT_TYPES
from transforms.columns import drop_columns, keep_original
from transforms.conservation import RowCounter, check_conservation
from transforms.currency import CONVERT_CURRENCY
from transforms.duplicates import mark_duplicates
from transforms.job_run import JobRun, job_run, report, run_script
from transforms.nights import CHECK_MINIMUM_NIGHTS
from transforms.nulls import FILL_NULLS
from transforms.outcome import check_has_rows, measure_outcome
from transforms.places import CHECK_MISSING, CHECK_ROOM_TYPES, CORRECT_NEIGHBOURHOOD_GROUPS
from transforms.reading import dropped_columns, open_source, read_records, unknown_columns
from transforms.reading.version import check_version
from transforms.reporting import report_outcome
from transforms.review_dates import check_replaced, fill_dates, keep_valid_dates, read_dates
from transforms.rules import apply_rules
from transforms.session import planned_for
from transforms.skewness import CHECK_COUNTS, fill_counts
from transforms.writing import clean_rows, rejected_rows, store_original, write_json_lines, write_parquet


def main(argv: Sequence[str] | None = None) -> None:
    """Run the job with the arguments of the command line."""
    with job_run("clean job", argv, parse_arguments, reads="input_uri", writes="clean_uri") as run:
        clean(run)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the job's own arguments."""
    parser = Parser(__doc__)
    parser.add_input("--input_uri", "the object to clean")
    parser.add_output("--clean_uri", "where clean rows go, as Parquet")
    parser.add_output("--rejected_uri", "where rejected rows go, as JSON lines")
    parser.add_argument(
        "--input_version", default="", help="S3 version id that must be the newest; default: any"
    )
    parser.add_argument(
        "--run_date", type=day, default=today(), help="later reviews are wrong; default: today"
    )
    parser.add_argument(
        "--max_replaced_percent", type=percent, default=50.0, metavar="PERCENT",
        help="of the review dates of clean rows that may become the median; default: %(default)g",
    )  # fmt: skip
    return parser.parse(argv)


def clean(run: JobRun) -> None:
    """Go through the rules of the data contract, in their order."""
    uri, version = run.input_uri, run.arguments.input_version
    with run.step("Read Data") as step:
        check_version(uri, version)
        source = open_source(run.spark, uri)
        step.set_attribute("read.tasks", max(1, len(source.split_plans or ())))
        read = RowCounter(place="read", recount=lambda _: read_records(run.spark, source).count())
        rows = step.output(read.watch(read_records(run.spark, source)))
    with run.step("Drop Columns") as step:
        step.set_attribute("columns.dropped", dropped_columns(source.columns))
        step.set_attribute("columns.unknown", unknown_columns(source.columns))
        rows = step.output(drop_columns(rows, source.columns))
    with run.step("Remove Duplicates") as step:
        rows = step.output(keep_original(mark_duplicates(rows, source.partitions), source.columns))
    with run.step("Fill Null Values") as step:
        rows = step.output(apply_rules(rows, FILL_NULLS, CHECK_MINIMUM_NIGHTS))
    with run.step("Convert Currency") as step:
        places = (CHECK_MISSING, CORRECT_NEIGHBOURHOOD_GROUPS, CHECK_ROOM_TYPES)
        rows = step.output(apply_rules(rows, CONVERT_CURRENCY, *places))
    with run.step("Fix Skewness") as step:
        # Medians are those of the rows that are left: whatever can still reject a row comes before them.
        # Stored, because three passes need the rows: with 300,000 of them (72 MB, 2 cores) a pass over the
        # store takes 2 s, one over the input 14 s. Dates are read before that, for the same pass to find the
        # median of theirs.
        run_date = run.arguments.run_date
        typed = apply_rules(rows, CHECK_COUNTS, CONVERT_TYPES, read_dates(run_date))
        stored = store_original(keep_valid_dates(typed, run_date)).persist()
        with planned_for(run.spark, source.size):
            outcome = measure_outcome(stored)
        check_version(uri, version)  # now it has been read; once more, because uploads go on
        report_outcome(run.job, outcome)
        check_has_rows(outcome, uri)
        rows = step.output(fill_counts(stored, outcome.medians))
    with run.step("Correct Review Dates") as step:
        step.set_attribute("dates_replaced_by_reason", json.dumps(outcome.replaced))
        most = run.arguments.max_replaced_percent
        check_replaced(stored, outcome.replaced, clean=outcome.clean, max_percent=most, uri=uri)
        rows = step.output(fill_dates(rows, outcome.median_date))
    with run.step("Write Data"):
        written = _write(rows, run.arguments)
        run.job.set_attribute("rejected_uri", run.arguments.rejected_uri)
        check_conservation(read, written, left_out=outcome.duplicate)
    stored.unpersist()
    report("clean", **outcome.report())


def _write(rows: DataFrame, arguments: argparse.Namespace) -> list[RowCounter]:
    """Write the rejected rows, then the clean ones: where these are complete, those are too."""
    rejected = write_json_lines(rejected_rows(rows), arguments.rejected_uri, place="rejected")
    clean = write_parquet(clean_rows(rows), arguments.clean_uri, place="clean")
    return [clean, rejected]


if __name__ == "__main__":
    run_script(main)
