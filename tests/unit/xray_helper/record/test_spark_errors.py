# SPDX-License-Identifier: Apache-2.0
"""The first cause in Spark's texts, without Spark; what PySpark's exceptions say."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pytest

from xray_helper import Settings, traced_job
from xray_helper.record.messages import message_of, user_line
from xray_helper.record.spark_errors import Failure, read_causes, read_failure

DETAILS = (Path(__file__).parent / "data/failed_read.txt").read_text(encoding="utf-8")
ABORTED = DETAILS.partition("org.apache")[0]
WHILE_READING = "[FAILED_READ_FILE.NO_HINT] Encountered error while reading file s3://b/k.json. Details:"
FIELD = "[CANNOT_PARSE_JSON_FIELD] Cannot parse the field name `a`. SQLSTATE: 2203G"
RUNTIME = "org.apache.spark.SparkRuntimeException"
NULL = "java.lang.NullPointerException"


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        (
            DETAILS,
            Failure(RUNTIME, FIELD, around=WHILE_READING),
        ),
        (f"{ABORTED}java.io.IOException: disk full", Failure("java.io.IOException", "disk full")),
        (
            f"java.io.IOException: no k\n\tat a.B.c(B.java)\nCaused by: {NULL}\n\tat a.D.e(D.java)",
            Failure(NULL, "at a.D.e", around="no k"),
        ),
        (
            "java.lang.Exception: it says Details:\nthe line behind\n\tat a.B.c(B.java:7)",
            Failure("java.lang.Exception", "it says Details: the line behind"),
        ),
        (
            "org.apache.hadoop.fs.s3a.AWSBadRequestException: 400",
            Failure("org.apache.hadoop.fs.s3a.AWSBadRequestException", "400"),
        ),
    ],
    ids=["details", "aborted job", "no message", "message of two lines", "one line"],
)
def test_the_first_cause_is_what_failed(reason: str, failure: Failure) -> None:
    assert read_failure(reason) == failure


def test_what_stands_twice_is_one_cause_with_its_innermost_frames() -> None:
    causes = read_causes(DETAILS)
    assert [cause.type.rpartition(".")[2] for cause in causes] == ["SparkException", "SparkRuntimeException"]
    assert causes[0].frames[0] == (
        "QueryExecutionErrors.scala",
        861,
        "org.apache.spark.sql.errors.QueryExecutionErrors$.cannotReadFilesError",
    )


@pytest.mark.parametrize(
    "part", [": a.a.a.a", "most recent failure: ): a.B: ", "Caused by: a.B: ", "\tat a(", "\n"]
)
def test_hostile_text_takes_no_time(part: str) -> None:
    started = time.process_time()
    read_failure(part * 100_000)
    assert time.process_time() - started < 5


class JavaError(Exception):
    """Stands for Py4J's: its class says where it is from, and its text has the Java stack."""

    __module__ = "py4j.protocol"


class CapturedError(Exception):
    """Stands for PySpark's: the Java stack is beside its text."""

    __module__ = "pyspark.errors.exceptions.captured"

    def __init__(self, text: str, stack: str) -> None:
        super().__init__(text)
        self._stackTrace = stack


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as raised:
        return raised


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            JavaError(
                f"An error occurred while calling o1.collect.\n: org.apache.spark.SparkException: {DETAILS}"
            ),
            f"{RUNTIME}: {FIELD} (in: {WHILE_READING}), at ",
        ),
        (
            CapturedError(
                "[NO_COLUMN] nope;\n'Project", "org.apache.spark.sql.AnalysisException: [NO_COLUMN] nope;\n"
            ),
            "[NO_COLUMN] nope, at ",
        ),
        (
            CapturedError(
                "reading failed", "a.b.CException: reading failed\n\tat a.b.c(D.java:1)\nCaused by: a.E: disk"
            ),
            "a.E: disk (in: reading failed), at ",
        ),
    ],
)
def test_pysparks_exceptions_say_the_first_cause_and_the_users_line(error: Exception, said: str) -> None:
    message = message_of(_raised(error))
    assert message.startswith(said)
    assert message.endswith(" in _raised")


def test_what_an_observer_adds_below_the_failed_step_has_the_users_line(exported: list[Any]) -> None:
    with traced_job(settings=Settings()) as job:
        with contextlib.suppress(JavaError), job.step("Read") as step:
            raise JavaError(f"An error occurred while calling o1.collect.\n: {DETAILS}")
        times: Any = {"start_time_ns": 1, "end_time_ns": 2}
        above = job.add_span("execution", parent=step, error=FIELD, error_type=RUNTIME, **times)
        job.add_span("stage", parent=above, error=FIELD, error_type=RUNTIME, **times)
        job.add_span("another", parent=above, error="disk full", error_type=RUNTIME, **times)
        job.add_span("elsewhere", error=FIELD, error_type=RUNTIME, **times)
    said = {span.name: span.status.description for span in exported}
    assert said["execution"] == said["stage"]
    assert said["stage"].startswith(f"{FIELD}, at {__file__}:")
    assert said["stage"].endswith(" in test_what_an_observer_adds_below_the_failed_step_has_the_users_line")
    assert (said["another"], said["elsewhere"]) == ("disk full", FIELD)


def test_the_first_cause_is_said_below_where_sparks_records_have_the_last_exception_alone(
    exported: list[Any],
) -> None:
    """As those of Spark 4.1."""
    last = "[FAILED_READ_FILE.NO_HINT] Encountered error while reading file s3://b/k.json."
    cause = f"Caused by: {RUNTIME}: {FIELD}\n\tat a.B.c(B.java:7)"
    with traced_job(settings=Settings()) as job:
        with contextlib.suppress(JavaError), job.step("Read") as step:
            stack = f"org.apache.spark.SparkException: {last}\n\tat a.b.C.d(C.java:1)\n{cause}"
            raise JavaError(f"An error occurred while calling o1.collect.\n: {stack}")
        times: Any = {"start_time_ns": 1, "end_time_ns": 2}
        job.add_span("stage", parent=step, error=last, error_type="SparkException", **times)
    (stage,) = (span for span in exported if span.name == "stage")

    assert stage.status.description.startswith(f"{FIELD} (in: {last[:60]}")
    assert f", at {__file__}:" in stage.status.description
    assert stage.events[0].attributes["exception.type"] == RUNTIME


def test_a_users_line_is_none_of_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "def f():\n  g()\ndef g():\n  raise ValueError\n"
    inner: dict[str, Any] = {}
    exec(compile(code, "/venv/lib/python3.11/site-packages/pyspark/sql/frame.py", "exec"), inner)  # noqa: S102
    outer: dict[str, Any] = {"f": inner["f"]}
    exec(compile("def load():\n  f()\n", "/jobs/load.py", "exec"), outer)  # noqa: S102
    with pytest.raises(ValueError) as raised:
        outer["load"]()
    assert user_line(raised.value) == "/jobs/load.py:2 in load"


def test_the_users_line_is_the_callers_where_a_workers_frames_are_below() -> None:
    """As Spark 4.1 has them."""
    files = {
        "/jobs/load.py": "def load():\n  collect()\n",
        "/venv/pyspark/sql/frame.py": "def collect():\n  worker()\n",
        "/venv/pyspark/worker.py": "def worker():\n  inverse()\n",
        "/jobs/functions.py": "def inverse():\n  raise JavaError('division by zero')\n",
    }
    names: dict[str, Any] = {"JavaError": JavaError}
    for file, code in files.items():
        exec(compile(code, file, "exec"), names)  # noqa: S102
    with pytest.raises(JavaError) as raised:
        names["load"]()

    assert user_line(raised.value) == "/jobs/load.py:2 in load"


def test_an_exception_that_cannot_be_written_says_so() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise AttributeError("detail")

    assert message_of(BrokenError()) == "<exception str() failed>"
