# SPDX-License-Identifier: Apache-2.0
"""Reading Spark's texts, without Spark."""

from __future__ import annotations

import doctest

import pytest

from xray_helper.record.spark_errors import Failure, read_failure
from xray_helper.spark.lineage import expressions
from xray_helper.spark.lineage.logical_plan import LogicalPlan
from xray_helper.spark.lineage.physical_plan import PhysicalPlan

_PYTHON = """Job aborted due to stage failure: Task 0 in stage 7.0 failed 1 times: Lost task
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/opt/pyspark/python/lib/pyspark.zip/pyspark/worker.py", line 1247, in main
    process()
  File "/jobs/clean.py", line 42, in to_price
    return float(text)
ValueError: could not convert string to float: 'x'

\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:572)
"""

_ADAPTIVE = """== Physical Plan ==
AdaptiveSparkPlan (8)
+- == Final Plan ==
   Window (4)
   +- ShuffleQueryStage (3), Statistics(sizeInBytes=12.5 KiB, rowCount=200)
      +- Exchange (2)
         +- * Project (1)
+- == Initial Plan ==
   Window (6)
   +- Exchange (5)
      +- Project (1)


(1) Project [codegen id : 1]
Output [2]: [id#1, upper(name#2) AS n#3]
Input [2]: [id#1, name#2]

(2) Exchange
Input [2]: [id#1, n#3]
Arguments: hashpartitioning(id#1, 4), ENSURE_REQUIREMENTS, [plan_id=1]

(3) ShuffleQueryStage
Output [2]: [id#1, n#3]
Arguments: 0

(4) Window
Input [2]: [id#1, n#3]
Arguments: [rank(n#3) windowspecdefinition(id#1, n#3 ASC NULLS FIRST) AS r#4], [id#1], [n#3 ASC NULLS FIRST]

(5) Exchange
Input [2]: [id#1, n#3]

(6) Window
Input [2]: [id#1, n#3]

(8) AdaptiveSparkPlan
Output [3]: [id#1, n#3, r#4]
Arguments: isFinalPlan=true
"""


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(expressions).failed == 0


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        (
            _PYTHON,
            Failure("ValueError", "could not convert string to float: 'x'", "/jobs/clean.py:42 in to_price"),
        ),
        ("java.io.IOException: disk full", Failure("java.io.IOException", "disk full")),
        (
            "Job 3 cancelled part of cancelled job group g",
            Failure("SparkException", "Job 3 cancelled part of cancelled job group g"),
        ),
        ("", Failure("SparkException", "")),
    ],
)
def test_a_failure_is_told_in_one_line(reason: str, failure: Failure) -> None:
    assert read_failure(reason) == failure


def test_a_long_message_is_cut() -> None:
    assert len(read_failure("java.lang.Error: " + "x" * 10_000).message) == 500


def test_only_the_final_plan_counts() -> None:
    plan = PhysicalPlan.parse(_ADAPTIVE)

    assert plan.is_complete
    assert [operator.number for operator in plan.operators] == [1, 2, 3, 4, 8]
    assert {number: [o.name for o, _ in seen] for number, seen in plan.defined.items()} == {
        3: ["Project"],
        4: ["Window"],
    }


def test_an_exchange_separates_stages() -> None:
    segments = {operator.name: operator.segment for operator in PhysicalPlan.parse(_ADAPTIVE).operators}

    assert segments["Window"] == segments["ShuffleQueryStage"] != segments["Project"]


@pytest.mark.parametrize("cut", ["isFinalPlan=false", "... 3 more fields"])
def test_a_plan_that_was_cut_or_is_not_final_proves_no_absence(cut: str) -> None:
    assert not PhysicalPlan.parse(_ADAPTIVE.replace("isFinalPlan=true", cut)).is_complete


def test_a_line_break_inside_a_literal_is_no_operator() -> None:
    plan = LogicalPlan.parse("Project [concat(a#1, \n) AS b#2]\n+- Relation [a#1] csv\n")

    assert [node.name for node in plan.nodes] == ["Project", "Relation"]
    assert [(item.id, item.name) for item in plan.nodes[0].definitions] == [(2, "b")]


def test_what_stands_above_an_earlier_output_is_found() -> None:
    earlier = LogicalPlan.parse("Project [a#1]\n+- Relation [a#1,b#2] csv")
    later = LogicalPlan.parse("Filter (a#1 > 3)\n+- Project [a#1]\n   +- Relation [a#1,b#2] csv")
    above = later.above(earlier)

    assert above is not None
    assert [node.text for node in above.nodes] == ["Filter (a#1 > 3)"]
    assert above.is_chain
    assert earlier.above(later) is None
