# SPDX-License-Identifier: Apache-2.0
"""Where the records of a large CSV file begin in each of its splits, so that many tasks can read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from pyspark import cloudpickle
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

SPLIT_BYTES: Final = 32 << 20
MAX_LINE_BYTES: Final = 8 << 20  # Spark holds a line in memory, and leaves out one that is longer


class Split(NamedTuple):
    """One split, seen without what lies before it.

    Attributes
    ----------
    start
        Offset in the file, bytes.
    size
        Bytes of the lines that begin in it, each with a line break of one byte.
    if_outside, if_inside
        Whether its end is inside quotes, for a beginning outside and inside of them; None: cannot be told.
    lead
        Its lines up to the end of a record that began in an earlier split; all of them when none ends here.
    lead_lines
        Number of these lines.
    """

    start: int
    size: int
    if_outside: bool | None
    if_inside: bool | None
    lead: bytes
    lead_lines: int

    @property
    def has_end_of_lead(self) -> bool:
        """Whether a record that began in an earlier split ends in this one."""
        return not self.if_inside or len(self.lead) + 1 < self.size


class SplitPlan(NamedTuple):
    """The work of one split's task: leave out its first ``skip`` lines, add ``tail`` behind its last."""

    skip: int
    tail: bytes | None


def read_lines(spark: SparkSession, uri: str, size: int) -> DataFrame:
    r"""Plan the reading of lines that end with ``\n``: ``start``, the offset of their split, and ``line``.

    Two readings must be split alike, whatever workers come and go between them: without a number of
    partitions that follows from the size alone Spark takes that of its cores.
    """
    spark.conf.set("spark.sql.files.minPartitionNum", str(max(1, -(-size // SPLIT_BYTES))))
    spark.conf.set("spark.sql.files.maxPartitionBytes", str(SPLIT_BYTES))
    lines = (
        spark.read.option("__globPaths__", "false")
        .option("lineSep", "\n")
        .option("mapreduce.input.linerecordreader.line.maxlength", str(MAX_LINE_BYTES))
        .text(uri)
    )
    return lines.select(
        fn.col("_metadata.file_block_start").alias("start"), fn.col("value").cast("binary").alias("line")
    )


def survey_file(spark: SparkSession, uri: str, size: int, *, mark: int) -> Mapping[int, SplitPlan] | None:
    """Read the file once for its quotes, and plan the work of each split's task.

    Parameters
    ----------
    size, mark
        Bytes of the file, and of the byte order mark at its beginning, which Spark leaves out.

    Returns
    -------
    mapping or None
        Offset of a split -> its plan. None when one task has to read the whole file: a quote stands where
        RFC 4180 has none, a line or a record is very long, or the last quote is never closed.
    """
    from transforms.reading import quotes, survey  # need pyarrow, which PySpark does not bring

    for module in (quotes, survey):  # what workers run travels with the task: they need not find this package
        cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]
    lines = read_lines(spark, uri, size)
    rows = lines.mapInArrow(survey.survey, survey.SCHEMA).collect()
    return plan_splits([Split(*row) for row in rows], size - mark)


def plan_splits(found: Iterable[Split], size: int) -> Mapping[int, SplitPlan] | None:
    """Put the splits together, from the file's beginning, which is outside of quotes.

    Examples
    --------
    >>> plan_splits([Split(0, 6, True, None, b"", 0), Split(6, 4, None, False, b'b"', 1)], size=10)
    {0: SplitPlan(skip=0, tail=b'b"'), 6: SplitPlan(skip=1, tail=None)}
    """
    splits = sorted(found)
    if sum(split.size for split in splits) - size not in (0, 1):  # 1: the last line has no line break
        return None  # a line was left out
    result: dict[int, SplitPlan] = {}
    begun_in: int | None = None  # the split that has the beginning of a record whose end is not found yet
    tails: list[bytes] = []
    for split in splits:
        ends_inside = split.if_outside if begun_in is None else split.if_inside
        if ends_inside is None:
            return None
        result[split.start] = SplitPlan(skip=0 if begun_in is None else split.lead_lines, tail=None)
        if begun_in is not None:
            tails.append(split.lead)
            if split.has_end_of_lead:
                result[begun_in] = result[begun_in]._replace(tail=b"\n".join(tails))
                begun_in, tails = None, []
        if begun_in is None and ends_inside:
            begun_in = split.start
    return result if begun_in is None else None
