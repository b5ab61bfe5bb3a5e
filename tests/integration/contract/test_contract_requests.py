# SPDX-License-Identifier: Apache-2.0
"""Every request of ours fits AWS's models.

botocore holds each request against the model by itself when it is sent; what is only written down, and sent
by others or later, is held against it here: the state machine's calls and the demo's list calls.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
import jsonata
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from statelint.linter import Linter

from demo.inventory import LISTINGS, Listing
from stacks.pipeline import RUN_JOB
from tests.integration.contract.conftest import ASL, ROOT
from with_airflow.demo.run import LISTINGS as AIRFLOW_LISTINGS

SESSION = botocore.session.get_session()
DEFINITION: dict[str, Any] = json.loads(ASL)
TASKS = {name: state for name, state in DEFINITION["States"].items() if state["Type"] == "Task"}
CALLERS = ("lambda/start_pipeline", "glue_jobs", "trace_viewer", "demo")
SERVICES = (
    "xray",
    "stepfunctions",
    "s3",
    "logs",
    "cloudformation",
    "sts",
    "glue",
    "lambda",
    "mwaa",
    "emr-serverless",
)


def lint(definition: dict[str, Any]) -> list[str]:
    """Lint a state machine; a whole number for BackoffRate is no fault, the specification allows it."""
    return [fault for fault in Linter().validate(definition) if not fault.endswith("should be a Float")]


def test_the_state_machine_is_valid() -> None:
    assert lint(DEFINITION) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"BackoffRate"', '"BackofRate"'),
        ('"Next": "Succeed"', '"Next": "Nowhere"'),
        ('"Arguments": {', '"Parameters": {'),
        ('"JitterStrategy": "FULL"', '"JitterStrategy": "full"'),
    ],
)
def test_the_linter_finds_what_a_slip_would_do(old: str, new: str) -> None:
    assert lint(json.loads(ASL.replace(old, new)))


def test_every_expression_of_the_state_machine_is_jsonata() -> None:
    expressions = re.findall(r"\{% (.*?) %\}", "\n".join(_texts(DEFINITION)))
    assert len(expressions) > 10
    for expression in expressions:
        jsonata.Jsonata(expression)  # raises when it cannot be parsed


@pytest.mark.parametrize("name", TASKS)
def test_a_task_calls_glue_as_modelled(name: str) -> None:
    service, _, call = TASKS[name]["Resource"].rpartition(":::")[2].partition(":")
    assert (service, call) == ("glue", "startJobRun.sync")
    shape = SESSION.get_service_model("glue").operation_model("StartJobRun").input_shape
    assert ParamValidator().validate(TASKS[name]["Arguments"], shape).generate_report() == ""
    assert set(TASKS[name]["Arguments"]) <= set(shape.members)


@pytest.mark.parametrize("name", TASKS)
def test_what_is_retried_are_errors_that_glue_has(name: str) -> None:
    model = SESSION.get_service_model("glue")
    known = {shape.name for shape in model.error_shapes}
    retried = [error for retrier in TASKS[name]["Retry"] for error in retrier["ErrorEquals"]]
    assert retried
    assert {error.removeprefix("Glue.") for error in retried} <= known


def test_the_rights_of_the_state_machine_are_operations_of_glue() -> None:
    assert {action.removeprefix("glue:") for action in RUN_JOB} <= set(
        SESSION.get_service_model("glue").operation_names
    )


@pytest.mark.parametrize("listing", (*LISTINGS, *AIRFLOW_LISTINGS), ids=lambda listing: listing.kind)
def test_the_demo_lists_as_modelled(listing: Listing) -> None:
    model = SESSION.get_service_model(listing.service)
    operations = {xform_name(name): name for name in model.operation_names}
    operation = model.operation_model(operations[listing.operation])
    if operation.input_shape is not None:
        report = ParamValidator().validate(dict(listing.arguments), operation.input_shape)
        assert report.generate_report() == ""
    # The path through the answer: `Buckets[].Name` names a list of the answer, and members of its items;
    # filters, texts and names of functions are no part of it
    listed, *members = re.findall(r"[A-Za-z]+", re.sub(r"\?[^]]*|'[^']*'|\w+\(", "", listing.names))
    item = operation.output_shape.members[listed].member
    assert not members or set(members) <= set(item.members)
    jmespath.compile(listing.names)


def test_every_call_names_an_operation_and_members_that_exist() -> None:
    calls = {call for folder in CALLERS for call in _client_calls(ROOT / folder)}
    called = {name for name, _ in calls}
    assert {
        "put_trace_segments",
        "batch_get_traces",
        "start_execution",
        "get_function_configuration",
    } <= called
    known: dict[str, set[str]] = {}
    for service in SERVICES:
        model = SESSION.get_service_model(service)
        for operation in model.operation_names:
            shape = model.operation_model(operation).input_shape
            known.setdefault(xform_name(operation), set()).update(shape.members if shape else ())
    assert called <= set(known)
    assert [(name, members - known[name]) for name, members in calls if members - known[name]] == []


_CLIENT = re.compile(r"(client|xray|s3|sfn|sts|sqs|glue|self\._client)|.*client\([^()]*\)")
_OF_CLIENTS = {"get_paginator", "can_paginate", "client", "upload_file", "download_file", "upload_fileobj"}


def _client_calls(folder: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Methods called on something that is named like an AWS client, or paginated; with their keywords."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            words = frozenset(word.arg for word in node.keywords if word.arg)
            owner = ast.unparse(node.func.value)
            paginated = re.fullmatch(r".*get_paginator\('(\w+)'\)", owner)
            if paginated:
                yield paginated[1], words
            elif _CLIENT.fullmatch(owner) and node.func.attr not in _OF_CLIENTS:
                yield node.func.attr, words


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
