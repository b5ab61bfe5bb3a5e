# SPDX-License-Identifier: Apache-2.0
"""What a task hands over, without Airflow: the templates rendered by Jinja, as Airflow renders them."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from traced_dag import MACROS, TRACE_ARGUMENTS, argument_list, path_safe, trace_header
from xray_common.trace_header import parse_trace_header

RUN_ID = "manual__2026-11-21T00:00:00+00:00"
TRACE, SPAN = "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"


def _run(run_id: str = RUN_ID, second: int = 0) -> Any:
    start = datetime(2026, 11, 21, 12, 0, second, tzinfo=UTC)  # 1795262400 s after the epoch
    return SimpleNamespace(dag_id="nightly", run_id=run_id, start_date=start)


def _task_instance(carrier: dict[str, str] | None) -> Any:
    return SimpleNamespace(context_carrier=carrier)


def test_the_header_names_the_span_of_this_try() -> None:
    instance = _task_instance({"traceparent": f"00-{TRACE}-{SPAN}-01"})
    assert trace_header(instance, _run()) == (
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    )


def test_a_span_that_is_not_sampled_says_so() -> None:
    instance = _task_instance({"traceparent": f"00-{TRACE}-{SPAN}-00"})
    assert trace_header(instance, _run()).endswith(";Sampled=0")


@pytest.mark.parametrize(
    "carrier", [None, {}, {"traceparent": "nonsense"}, {"traceparent": f"00-{TRACE}-{SPAN}"}]
)
def test_without_a_span_all_tasks_of_a_run_name_one_trace(carrier: dict[str, str] | None) -> None:
    header = trace_header(_task_instance(carrier), _run())
    digest = hashlib.sha256(f"nightly/{RUN_ID}".encode()).hexdigest()[:24]
    assert header == f"Root=1-{1795262400:08x}-{digest};Sampled=1"
    read = parse_trace_header(header)
    assert read is not None and read.parent_id is None and read.sampled


def test_another_run_is_another_trace() -> None:
    headers = {trace_header(_task_instance(None), run) for run in (_run(), _run("other"), _run(second=1))}
    assert len(headers) == 3


def test_a_run_id_becomes_a_folder_that_no_other_run_has() -> None:
    assert path_safe("nightly-7.a_b=c") == "nightly-7.a_b=c"
    names = [path_safe(name) for name in ("a:b", "a+b", "a-b", "a/b", "ä")]
    assert len(set(names)) == 5
    assert all(not set(name) & set(":+/%ä ") for name in names)


def test_the_templates_say_who_asked() -> None:
    context = {
        **MACROS,
        "ti": _task_instance({"traceparent": f"00-{TRACE}-{SPAN}-01"}),
        "dag_run": _run(),
        "run_id": RUN_ID,
        "dag": SimpleNamespace(dag_id="nightly"),
        "task": SimpleNamespace(task_id="load"),
    }
    rendered = {name: jinja2.Template(text).render(context) for name, text in TRACE_ARGUMENTS.items()}
    assert rendered == {
        "--trace_header": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        "--correlation_id": RUN_ID,
        "--run_id": path_safe(RUN_ID),
        "--caller": f"nightly.load {RUN_ID}",
        "--share_bytes": "120000",
    }
    assert argument_list({"--a": "1", "--b": "-2"}) == ["--a=1", "--b=-2"]


@pytest.mark.parametrize("run_id", ["-h", "--run_date=1900-01-01", "--traces=off", "_x", ".x", "-"])
def test_a_run_id_never_becomes_an_option_or_a_hidden_folder(run_id: str) -> None:
    context = {**MACROS, "run_id": run_id}
    for name in ("--correlation_id", "--run_id"):
        rendered = jinja2.Template(TRACE_ARGUMENTS[name]).render(context)
        assert re.match(r"run[-_.].*-[0-9a-f]{8}$", rendered)


def test_nobody_can_name_a_run_as_anothers_folder() -> None:
    other = path_safe(RUN_ID)
    assert path_safe(other) != other
    assert path_safe("-h") != path_safe(path_safe("-h"))


def test_a_name_and_its_value_are_one_word_for_spark_submit() -> None:
    assert argument_list({"--correlation_id": "-h", "--day": ""}) == ["--correlation_id=-h", "--day="]
