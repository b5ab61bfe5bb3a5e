# SPDX-License-Identifier: Apache-2.0
"""Process clean listings: what they cost, how they rank, and a summary of every neighbourhood.

On Glue, or by hand::

    python process_job.py --clean_uri file:///out/clean/listings/run_id=1 \
        --processed_uri file:///out/processed/listings/run_id=1
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
from transforms.costs import add_cost_per_night, add_minimum_total_spend
from transforms.failures import explained
from transforms.neighbourhoods import summarize_neighbourhoods
from transforms.ranks import add_dense_rank, add_property_ranks
from transforms.reading.listings import read_listings
from transforms.session import start_spark
from transforms.steps import explained_step
from transforms.writing import count_parquet, write_parquet
from xray_helper import Job, traced_job


def main(argv: Sequence[str] | None = None) -> None:
    """Run the job with the arguments of the command line."""
    with traced_job("process job", argv=argv) as job:
        arguments = parse_arguments(argv)
        job.annotate(**dataset_and_run(arguments.processed_uri))
        job.spill_to(arguments.processed_uri)
        process(job, start_spark(), arguments)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the job's own arguments."""
    parser = Parser(__doc__)
    parser.add_uri("--clean_uri", "the clean rows, as clean_job.py has written them")
    parser.add_uri("--processed_uri", "where listings/ and neighbourhoods/ go, as Parquet")
    arguments = parser.parse(argv)
    check_apart(arguments.clean_uri, arguments.processed_uri)
    check_room(arguments.processed_uri)
    return arguments


def process(job: Job, spark: SparkSession, arguments: argparse.Namespace) -> None:
    """Add the columns one by one. Listings are not cached: a rank reads one or two columns of them."""
    uri = arguments.clean_uri
    with explained_step(job, "Read Data", uri) as step:
        clean = rows = step.output(read_listings(spark, uri))
    with explained_step(job, "Calculate Cost Per Night", uri) as step:
        costs = rows = step.output(add_cost_per_night(rows))
    with explained_step(job, "Calculate Minimum Total Spend", uri) as step:
        rows = step.output(add_minimum_total_spend(rows))
    with explained_step(job, "Rank by Cost Per Night in Neighborhood", uri) as step:
        rank, within = "exp_rank_per_neighbourhood", ["neighbourhood"]
        rows = step.output(add_dense_rank(rows, rank, by="cost_per_night", within=within, values=costs))
    with explained_step(job, "Rank by Cost Per Night Overall", uri) as step:
        rows = step.output(add_dense_rank(rows, "exp_rank_overall", by="cost_per_night", values=costs))
    with explained_step(job, "Rank by Number of Reviews", uri) as step:
        rows = step.output(add_dense_rank(rows, "rank_overall_reviews", by="number_of_reviews", values=clean))
    with explained_step(job, "Calculate Total Properties", uri):
        total = clean.count()  # from the footers of the files
        job.annotate(rows_clean=total)
        job.metrics.count("job.rows", total, outcome="read")
    with explained_step(job, "Create Property Rank Columns", uri) as step:
        ranks = {"prop_rank_exp": "exp_rank_overall", "prop_rank_review": "rank_overall_reviews"}
        rows = step.output(add_property_ranks(rows, ranks, total=total))
    with explained_step(job, "Summarize Neighborhoods", uri) as step:
        neighbourhoods = step.output(summarize_neighbourhoods(costs))
    with explained_step(job, "Write Data", uri):
        groups = _write(spark, rows, neighbourhoods, total, arguments.processed_uri)
        job.set_attribute("neighbourhoods", groups)
    print(json.dumps({"job": "process", "rows_clean": total, "neighbourhoods": groups}))


def _write(spark: SparkSession, rows: DataFrame, neighbourhoods: DataFrame, total: int, run_uri: str) -> int:
    """Write both data sets and compare them with the number of listings; the number of neighbourhoods."""
    listings_uri, neighbourhoods_uri = f"{run_uri}/listings", f"{run_uri}/neighbourhoods"
    listings = Tally(place="written", recount=partial(count_parquet, spark, listings_uri))
    with explained(listings_uri, reading=False):
        write_parquet(listings.watch(rows), listings_uri, run_uri=run_uri)
    grouped = Tally(
        place="in neighbourhoods",
        recount=partial(count_parquet, spark, neighbourhoods_uri),
        weight="listings",
    )
    with explained(neighbourhoods_uri, reading=False):
        write_parquet(grouped.watch(neighbourhoods), neighbourhoods_uri, run_uri=run_uri)
    for tally in (listings, grouped):
        check_conservation(total, [tally])
    return grouped.rows()


if __name__ == "__main__":
    main()
