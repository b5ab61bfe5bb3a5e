# SPDX-License-Identifier: Apache-2.0
"""Report on processed listings: counts and averages by neighbourhood and month of the last review.

On EMR, or by hand::

    spark-submit --py-files library.zip report_job.py \
        --listings_uri file:///out/processed/listings/run_id=1/listings \
        --report_uri file:///out/reports/listings/run_id=1
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial

from pyspark.sql import DataFrame, SparkSession

from data_layout.places import dataset_and_run
from transforms.arguments import Parser, check_apart, check_room
from transforms.conservation import Tally, check_conservation
from transforms.failures import explained
from transforms.months import NEEDED, summarize_months
from transforms.reading.listings import read_processed
from transforms.session import start_spark
from transforms.steps import explained_step
from transforms.writing import count_parquet, write_parquet
from xray_helper import Job, traced_job


def main(argv: Sequence[str] | None = None) -> None:
    """Run the job with the arguments of the command line."""
    with traced_job("report job", argv=argv) as job:
        arguments = parse_arguments(argv)
        job.annotate(**dataset_and_run(arguments.report_uri))
        job.spill_to(arguments.report_uri)
        report(job, start_spark(), arguments)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the job's own arguments."""
    parser = Parser(__doc__)
    parser.add_uri("--listings_uri", "the processed listings, as process_job.py has written them")
    parser.add_uri("--report_uri", "where the report goes, as Parquet")
    arguments = parser.parse(argv)
    check_apart(arguments.listings_uri, arguments.report_uri)
    check_room(arguments.report_uri)
    return arguments


def report(job: Job, spark: SparkSession, arguments: argparse.Namespace) -> None:
    """Group, write, and compare the listings in the groups with those that were read."""
    uri = arguments.listings_uri
    with explained_step(job, "Read Data", uri) as step:
        listings = step.output(read_processed(spark, uri, NEEDED))
    with explained_step(job, "Count Listings", uri):
        total = listings.count()  # from the footers of the files
        job.annotate(rows_read=total)
        job.metrics.count("job.rows", total, outcome="read")
    with explained_step(job, "Summarize Months", uri) as step:
        months = step.output(summarize_months(listings))
    with explained_step(job, "Write Data", uri):
        groups = _write(spark, months, total, arguments.report_uri)
        job.set_attribute("groups", groups)
    print(json.dumps({"job": "report", "rows_read": total, "groups": groups}))


def _write(spark: SparkSession, months: DataFrame, total: int, uri: str) -> int:
    """Write the report; return the number of its rows."""
    listings = Tally(place="in the report", recount=partial(count_parquet, spark, uri), weight="listings")
    with explained(uri, reading=False):
        write_parquet(listings.watch(months), uri)
    check_conservation(total, [listings])
    return listings.rows()


if __name__ == "__main__":
    main()
