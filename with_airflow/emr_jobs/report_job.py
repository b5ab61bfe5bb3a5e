# SPDX-License-Identifier: Apache-2.0
"""Report on processed listings: counts and averages by neighbourhood and month of the last review.

On EMR, or by hand::

    spark-submit --py-files library.zip report_job.py \
        --listings_uri file:///out/processed/listings/run_id=1/listings \
        --report_uri file:///out/reports/listings/run_id=1
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from transforms.arguments import Parser
from transforms.conservation import check_conservation
from transforms.job_run import JobRun, job_run, report, run_script
from transforms.reading.listings import read_processed
from transforms.summaries import PROCESSED, summarize_months
from transforms.writing import write_parquet


def main(argv: Sequence[str] | None = None) -> None:
    """Run the job with the arguments of the command line."""
    with job_run("report job", argv, parse_arguments, reads="listings_uri", writes="report_uri") as run:
        summarize(run)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the job's own arguments."""
    parser = Parser(__doc__)
    parser.add_input("--listings_uri", "the processed listings, as process_job.py has written them")
    parser.add_output("--report_uri", "where the report goes, as Parquet")
    return parser.parse(argv)


def summarize(run: JobRun) -> None:
    """Group, write, and compare the listings in the groups with those that were read."""
    with run.step("Read Data") as step:
        listings = step.output(read_processed(run.spark, run.input_uri, PROCESSED))
    with run.step("Count Listings"):
        total = run.count_input(listings, annotation="rows_read")
    with run.step("Summarize Months") as step:
        months = step.output(summarize_months(listings))
    with run.step("Write Data"):
        written = write_parquet(months, run.arguments.report_uri, place="in the report", weight="listings")
        check_conservation(total, [written])
        groups = written.rows()
        run.job.set_attribute("groups", groups)
    report("report", rows_read=total, groups=groups)


if __name__ == "__main__":
    run_script(main)
