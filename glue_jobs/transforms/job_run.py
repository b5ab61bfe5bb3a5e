# SPDX-License-Identifier: Apache-2.0
"""The frame of every job script: trace, arguments and Spark around its work, steps within, an exit code."""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pyspark.sql import DataFrame, SparkSession

from data_layout.places import dataset_and_run
from transforms.errors import ArgumentsError, InputError
from transforms.failures import explained
from transforms.nesting import check_not_nested
from transforms.session import start_spark
from xray_common.command_line import named_arguments
from xray_helper import Job, Step, traced_job

_GIVEN_BY_GLUE: Final = "--JOB_RUN_ID"


@dataclass(frozen=True)
class JobRun:
    """One run of a job: its trace, its Spark, its arguments, and the object that it reads."""

    job: Job
    spark: SparkSession
    arguments: argparse.Namespace
    input_uri: str

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Trace a step; a failure becomes one sentence about the object that the job reads.

        Raises
        ------
        InputError, JobError
            See ``failures.explained``.
        """
        uri = self.input_uri
        with self.job.step(name) as step, explained(uri, compressed=uri.endswith(".gz")):
            yield step

    def count_input(self, rows: DataFrame, *, annotation: str) -> int:
        """Count the rows of Parquet files, from their footers, and put the number on trace and metrics."""
        total = rows.count()
        self.job.annotate(**{annotation: total})
        self.job.metrics.count("job.rows", total, outcome="read")
        return total


@contextmanager
def job_run(
    name: str,
    argv: Sequence[str] | None,
    parse: Callable[[Sequence[str] | None], argparse.Namespace],
    *,
    reads: str,
    writes: str,
) -> Iterator[JobRun]:
    """Trace a job around its work; wrong arguments are on the trace, too.

    Parameters
    ----------
    name
        Of the job, where its arguments give no other.
    argv, parse
        Arguments of the command line, and what reads the job's own.
    reads, writes
        The arguments that name the object to read, and the run's place among the outputs.

    Raises
    ------
    ArgumentsError, InputError
        When the job's arguments cannot be used, or a data set would lie in another one.
    """
    with traced_job(name, argv=argv) as job:
        arguments = parse(argv)
        place = getattr(arguments, writes)
        job.annotate(**dataset_and_run(place))
        job.spill_to(place)
        spark = start_spark()
        for uri in filter(
            dataset_and_run, (value for value in vars(arguments).values() if isinstance(value, str))
        ):
            check_not_nested(spark, uri)
        yield JobRun(job, spark, arguments, getattr(arguments, reads))


def report(job: str, **numbers: object) -> None:
    """Print the last line of a job: what it has done, as JSON."""
    print(json.dumps({"job": job, **numbers}))


def run_script(main: Callable[[], None]) -> None:
    """Run a job as a script; a mistake in arguments or input ends it with one sentence and exit code 1.

    On Glue the exception leaves the script as it is, because Glue takes the run's error from it.
    """
    try:
        main()
    except (ArgumentsError, InputError) as error:
        if _GIVEN_BY_GLUE in (name for name, _ in named_arguments(sys.argv[1:])):
            raise
        sys.exit("".join(traceback.format_exception_only(error)).rstrip())
