# SPDX-License-Identifier: Apache-2.0
"""Process clean listings: what they cost, how they rank, and a summary of every neighbourhood.

On Glue, or by hand::

    python process_job.py --clean_uri file:///out/clean/listings/run_id=1 \
        --processed_uri file:///out/processed/listings/run_id=1
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pyspark.sql import DataFrame

from transforms.arguments import Parser
from transforms.conservation import check_conservation
from transforms.costs import add_cost_per_night, add_minimum_total_spend
from transforms.job_run import JobRun, job_run, report, run_script
from transforms.ranks import add_dense_rank, add_property_ranks
from transforms.reading.listings import read_listings
from transforms.reading.run_files import stored_bytes
from transforms.session import planned_for
from transforms.summaries import summarize_neighbourhoods
from transforms.writing import write_parquet


def main(argv: Sequence[str] | None = None) -> None:
    """Run the job with the arguments of the command line."""
    with job_run("process job", argv, parse_arguments, reads="clean_uri", writes="processed_uri") as run:
        process(run)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the job's own arguments."""
    parser = Parser(__doc__)
    parser.add_input("--clean_uri", "the clean rows, as clean_job.py has written them")
    parser.add_output("--processed_uri", "where listings/ and neighbourhoods/ go, as Parquet")
    return parser.parse(argv)


def process(run: JobRun) -> None:
    """Add the columns one by one. Listings are not cached: a rank reads one or two columns of them."""
    with run.step("Read Data") as step:
        clean = rows = step.output(read_listings(run.spark, run.input_uri))
        size = stored_bytes(run.spark, run.input_uri)
    with run.step("Calculate Cost Per Night") as step:
        costs = rows = step.output(add_cost_per_night(rows))
    with run.step("Calculate Minimum Total Spend") as step:
        rows = step.output(add_minimum_total_spend(rows))
    with run.step("Rank by Cost Per Night in Neighborhood") as step:
        rank, within = "exp_rank_per_neighbourhood", ["neighbourhood"]
        rows = step.output(add_dense_rank(rows, rank, by="cost_per_night", within=within, values=costs))
    with run.step("Rank by Cost Per Night Overall") as step:
        rows = step.output(add_dense_rank(rows, "exp_rank_overall", by="cost_per_night", values=costs))
    with run.step("Rank by Number of Reviews") as step:
        rows = step.output(add_dense_rank(rows, "rank_overall_reviews", by="number_of_reviews", values=clean))
    with run.step("Calculate Total Properties"), planned_for(run.spark, size):
        total = run.count_input(clean, annotation="rows_clean")
    with run.step("Create Property Rank Columns") as step:
        ranks = {"prop_rank_exp": "exp_rank_overall", "prop_rank_review": "rank_overall_reviews"}
        rows = step.output(add_property_ranks(rows, ranks, total=total))
    with run.step("Summarize Neighborhoods") as step:
        neighbourhoods = step.output(summarize_neighbourhoods(costs))
    with run.step("Write Data"), planned_for(run.spark, size):
        groups = _write(rows, neighbourhoods, total, run.arguments.processed_uri)
        run.job.set_attribute("neighbourhoods", groups)
    report("process", rows_clean=total, neighbourhoods=groups)


def _write(rows: DataFrame, neighbourhoods: DataFrame, total: int, uri: str) -> int:
    """Write both data sets, compare them with the number of listings; return the number of neighbourhoods."""
    listings = write_parquet(rows, f"{uri}/listings", place="written", run_uri=uri)
    grouped = write_parquet(
        neighbourhoods, f"{uri}/neighbourhoods", place="in neighbourhoods", weight="listings", run_uri=uri
    )
    for counter in (listings, grouped):
        check_conservation(total, [counter])
    return grouped.rows()


if __name__ == "__main__":
    run_script(main)
