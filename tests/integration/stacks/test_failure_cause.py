# SPDX-License-Identifier: Apache-2.0
"""What a failed execution says: the two states that explain a failure, run by a JSONata engine."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonata
import pytest

STATES = json.loads((Path(__file__).parents[3] / "state_machine/pipeline.asl.json").read_text())["States"]
OBJECT = "s3://bucket/input/listings.csv"
ESCAPE = "\x1b"


def evaluate(template: Any, states: dict[str, Any]) -> Any:
    """Fill in a state's template as Step Functions does: each {% … %} is one expression over $states."""
    if isinstance(template, dict):
        return {name: evaluate(value, states) for name, value in template.items()}
    if isinstance(template, str) and template.startswith("{%"):
        expression = jsonata.Jsonata.jsonata(template.removeprefix("{%").removesuffix("%}"))
        expression.register_lambda("parse", json.loads)  # Step Functions' own additions
        expression.register_lambda("hash", _hash)
        return expression.evaluate(None, {"states": states})
    return template


def _hash(text: str, algorithm: str) -> str:
    """`$hash` (developer guide, "JSONata functions provided by Step Functions")."""
    return hashlib.new(algorithm.replace("-", ""), text.encode()).hexdigest()


def choose(name: str, given: Any) -> str:
    """Which way a Choice takes."""
    for choice in STATES[name]["Choices"]:
        condition = evaluate(choice["Condition"], {"input": given})
        assert isinstance(condition, bool)  # anything else fails the execution
        if condition:
            return str(choice["Next"])
    return str(STATES[name]["Default"])


def explain(error: dict[str, str], *, state: str = "Clean Data", uri: str = OBJECT) -> tuple[str, str]:
    """Error and cause of an execution whose given state failed with the given error output."""
    catch = STATES[state]["Catch"][0]
    caught = evaluate(
        catch["Output"],
        {"input": {"input_uri": uri}, "errorOutput": error, "context": {"State": {"Name": state}}},
    )
    explanation = STATES[choose(catch["Next"], caught)]
    explained = evaluate(explanation["Output"], {"input": caught})
    failed = STATES[explanation["Next"]]
    states = {"input": explained}
    return evaluate(failed["Error"], states), evaluate(failed["Cause"], states)


TRACE = "1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize("state", ["Clean Data", "Process Data"])
@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ({}, TRACE),
        ({"correlation_id": "manual__2026-11-21T00:00:00+00:00"}, "manual__2026-11-21T00:00:00+00:00"),
        ({"correlation_id": "-h"}, TRACE),
        ({"correlation_id": "--traces=off"}, TRACE),
        ({"correlation_id": ""}, TRACE),
        ({"correlation_id": "x" * 129}, TRACE),
        ({"correlation_id": 7}, "7"),
    ],
)
def test_only_an_id_goes_to_the_jobs_as_one(state: str, given: dict[str, Any], passed: str) -> None:
    values = {"trace_header": f"Root={TRACE};Parent=53995c3f42cd8ad8;Sampled=1", **given}
    arguments = STATES[state]["Arguments"]["Arguments"]
    assert evaluate(arguments["--correlation_id"], {"input": values}) == passed


def test_jobs_of_an_execution_without_a_header_share_a_trace() -> None:
    """One that a person, a schedule or another state machine started: X-Ray's own form, from id and start."""
    context = {
        "Execution": {
            "Id": "arn:aws:states:eu-west-1:123456789012:execution:Pipeline:by-hand",
            "Name": "by-hand",
            "StartTime": "2026-11-28T11:20:00.123Z",
        }
    }
    arguments = [STATES[state]["Arguments"]["Arguments"] for state in ("Clean Data", "Process Data")]
    headers = {evaluate(one["--trace_header"], {"input": {}, "context": context}) for one in arguments}
    (header,) = headers
    epoch = int(datetime(2026, 11, 28, 11, 20, tzinfo=UTC).timestamp())
    assert re.fullmatch(rf"Root=1-{epoch:08x}-[0-9a-f]{{24}};Sampled=1", header)
    context["Execution"]["Id"] += "-again"
    assert evaluate(arguments[0]["--trace_header"], {"input": {}, "context": context}) != header
    ids = {evaluate(one["--correlation_id"], {"input": {}, "context": context}) for one in arguments}
    assert ids == {"by-hand"}
    # and a header that is there stays
    given = f"Root={TRACE};Parent=53995c3f42cd8ad8;Sampled=1"
    assert evaluate(arguments[0]["--trace_header"], {"input": {"trace_header": given}}) == given


def job_run(**fields: str) -> dict[str, str]:
    return {"Error": "States.TaskFailed", "Cause": json.dumps({"Id": "jr_1", "JobName": "clean", **fields})}


def test_the_jobs_own_sentence_is_the_cause() -> None:
    error = job_run(JobRunState="FAILED", ErrorMessage=f"SchemaError: {OBJECT} lacks the column price.")
    assert explain(error) == (
        "States.TaskFailed",
        "Clean Data failed: SchemaError: s3://bucket/input/listings.csv lacks the column price.",
    )


def test_the_object_is_named_when_the_message_does_not_name_it() -> None:
    error = job_run(JobRunState="FAILED", ErrorMessage="Disk full")
    assert explain(error, state="Process Data")[1] == (
        "Process Data failed for s3://bucket/input/listings.csv: Disk full"
    )


@pytest.mark.parametrize(
    "message",
    [
        "Error Category: UNCLASSIFIED_ERROR; ValueError: no rows",
        "Error Category: QUERY_ERROR; Failed Line Number: 12; ValueError: no rows",
        "ValueError: no rows\nTraceback (most recent call last):\n  File x",
    ],
)
def test_what_glue_adds_around_the_sentence_is_left_out(message: str) -> None:
    cause = explain(job_run(JobRunState="FAILED", ErrorMessage=message))[1]
    assert cause == "Clean Data failed for s3://bucket/input/listings.csv: ValueError: no rows"


def test_a_run_without_a_message_is_told_by_its_end() -> None:
    assert explain(job_run(JobRunState="STOPPED"))[1] == (
        "Clean Data failed for s3://bucket/input/listings.csv: the Glue run jr_1 ended STOPPED"
    )


def test_a_cause_that_is_text_stays_as_it_is() -> None:
    error = {"Error": "States.Timeout", "Cause": "Task timed out after 14400 seconds"}
    assert explain(error) == (
        "States.Timeout",
        "Clean Data failed for s3://bucket/input/listings.csv: Task timed out after 14400 seconds",
    )


@pytest.mark.parametrize("error", [{"Error": "States.Timeout"}, {"Error": "States.Timeout", "Cause": ""}])
def test_an_error_without_a_cause_is_still_a_sentence(error: dict[str, str]) -> None:
    assert explain(error)[1] == (
        "Clean Data failed for s3://bucket/input/listings.csv: "
        "Step Functions reports States.Timeout and no cause"
    )


def test_text_that_only_looks_like_json_is_text() -> None:
    error = {"Error": "Glue.InvalidInputException", "Cause": '{"not a job run'}
    assert explain(error)[1].endswith(': {"not a job run')


@pytest.mark.parametrize(
    "hidden", ["\n", "\r\n", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\u2066"]
)
def test_a_key_cannot_forge_a_line_or_hide_a_character(hidden: str) -> None:
    # Given an object whose key holds what a log or a terminal would act on
    uri = f"s3://bucket/input/a{hidden}ERROR forged.csv"
    shown = f"s3://bucket/input/a {hidden[1:] if hidden[0] == ESCAPE else ''}ERROR forged.csv"
    # When its job fails, with a message that names it or one that does not
    named = job_run(JobRunState="FAILED", ErrorMessage=f"SchemaError: {uri} lacks price.\nTraceback:\n  x")
    silent = job_run(JobRunState="FAILED", ErrorMessage="Disk full")
    # Then the cause is one line with the whole sentence and the whole name, and no such character
    assert explain(named, uri=uri)[1] == f"Clean Data failed: SchemaError: {shown} lacks price."
    assert explain(silent, uri=uri)[1] == f"Clean Data failed for {shown}: Disk full"


def test_a_message_from_the_data_hides_no_character_either() -> None:
    error = job_run(JobRunState="FAILED", ErrorMessage="InputError: the column \x1b]0;x\x07 is there twice")
    assert explain(error)[1].endswith(": InputError: the column  ]0;x  is there twice")


def test_a_key_of_pattern_characters_is_taken_as_it_is() -> None:
    uri = "s3://bucket/input/(a|b)*[x]$1^.csv"
    error = job_run(JobRunState="FAILED", ErrorMessage=f"InputError: {uri} is empty")
    assert explain(error, uri=uri)[1] == f"Clean Data failed: InputError: {uri} is empty"
