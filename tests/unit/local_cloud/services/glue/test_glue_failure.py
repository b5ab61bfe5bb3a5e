# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from local_cloud.services.glue.failure import error_message

_STACK = """Reading
Traceback (most recent call last):
  File "/tmp/run/job/clean.py", line 41, in <module>
    main()
  File "/tmp/run/job/clean.py", line 12, in main
    read()
  File "/tmp/run/modules/0/code.zip/transforms/read.py", line 99, in read
"""


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (
            "transforms.errors.SchemaError: s3://b/k: no price",
            "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 12; SchemaError: s3://b/k: no price",
        ),
        (
            "ModuleNotFoundError: No module named 'p2'",
            "Error Category: IMPORT_ERROR; Failed Line Number: 12; ModuleNotFoundError: No module named 'p2'",
        ),
        (
            "py4j.protocol.Py4JJavaError: An error occurred while calling o5.save.\n"
            ": org.apache.spark.SparkException: Job aborted.\n\tat org.apache.X(Y.scala:1)\n",
            "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 12; "
            "An error occurred while calling o5.save. Job aborted.",
        ),
        (
            "KeyboardInterrupt",
            "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 12; KeyboardInterrupt",
        ),
        ("ValueError: a\nb", "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 12; ValueError: a\nb"),
    ],
)
def test_the_message_names_category_line_and_exception(exception: str, expected: str) -> None:
    assert error_message(_STACK + exception, script_name="clean.py", exit_code=1) == expected


def test_the_last_of_chained_exceptions_counts() -> None:
    output = (
        _STACK + "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n"
    )
    output += 'Traceback (most recent call last):\n  File "/x/clean.py", line 7, in <module>\nValueError: b'
    expected = "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 7; ValueError: b"
    assert error_message(output, script_name="clean.py", exit_code=1) == expected


def test_a_driver_that_died_without_a_word_reports_its_exit_code() -> None:
    assert (
        error_message("Reading\n", script_name="clean.py", exit_code=137)
        == "Command failed with exit code 137"
    )
