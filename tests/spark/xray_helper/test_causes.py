# SPDX-License-Identifier: Apache-2.0
"""What failed first, in a file or in a function, is said at the step, the execution and the stage alike."""

from __future__ import annotations

import pyspark
import pytest

from tests.spark.xray_helper.traces import Trace

Traces = dict[str, Trace]

# Spark 3.3 has no error classes for these.
NAMED = not pyspark.__version__.startswith("3.3")
UNREADABLE = "[CANNOT_PARSE_JSON_FIELD]" if NAMED else "Failed to parse field name price, field value much"
MALFORMED = "[MALFORMED_RECORD_IN_PARSING" if NAMED else "Malformed records are detected"
KIND = "SparkRuntimeException" if NAMED else "RuntimeException"

# pipeline -> type of the first cause, a part of its message, what is around it, the step
CAUSES = {
    "changed_type": (KIND, UNREADABLE, MALFORMED, "Read"),
    "broken_parquet": ("RuntimeException", "footer", "broken.parquet", "Read"),
    "function_below_a_join": ("ZeroDivisionError", "division by zero", "in inverse)", "Join"),
}


@pytest.mark.parametrize("name", CAUSES)
def test_the_first_cause_and_the_users_line_are_said_everywhere(traces: Traces, name: str) -> None:
    trace = traces[name]
    kind, message, around, step = CAUSES[name]

    stage = next(span for span in trace.stages.values() if span["status"] == "ERROR")
    below = [
        *(span for span in trace.executions.values() if span["status"] == "ERROR"),
        trace.parent(stage),
        stage,
    ]
    said = [(e["exception.type"], e["exception.message"]) for span in below for e in span["exceptions"]]
    said += [("", span["exceptions"][0]["exception.message"]) for span in (trace.steps[step], trace.job)]
    assert len(said) >= 4
    for exception_type, text in said:
        assert f"{exception_type}: {text}".count(kind) == 1
        assert message in text and around in text
        assert "failing_pipelines.py:" in text and text.endswith(f" in {name}")


def test_the_causes_are_linked_below_the_steps_exception(traces: Traces) -> None:
    stack = traces["changed_type"].steps["Read"]["exceptions"][0]["exception.stacktrace"]

    said = [line for line in stack.splitlines() if line.startswith(("org.", "java.", "py4j."))]
    # Spark 4.1 wraps it once more.
    first, around, last = (line for line in said if "[FAILED_READ_FILE" not in line)
    package = "org.apache.spark" if NAMED else "java.lang"
    assert first.startswith(f"{package}.{KIND}: {UNREADABLE}")
    assert around.startswith(f"org.apache.spark.SparkException: {MALFORMED}")
    assert last == "py4j.protocol.Py4JJavaError: "
    assert 'File "JacksonParser.scala", line ' in stack


def test_a_callers_own_exception_stays_and_the_cause_is_below_it(traces: Traces) -> None:
    trace = traces["hidden_by_the_caller"]

    (load,) = trace.steps["Load"]["exceptions"]
    assert (load["exception.type"], load["exception.message"]) == ("RuntimeError", "the load failed")
    assert UNREADABLE in load["exception.stacktrace"]
    stage = next(span for span in trace.stages.values() if span["status"] == "ERROR")
    assert stage["exceptions"][0]["exception.message"].endswith(" in changed_type")
