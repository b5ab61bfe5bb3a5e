# SPDX-License-Identifier: Apache-2.0
"""Large, deep and odd traces: work grows with their size, and nothing ends in a traceback."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc, fails, relay
from trace_viewer import (
    Trace,
    compare,
    load,
    render_comparison_html,
    render_html,
    render_tree,
    to_otlp,
    to_perfetto,
)
from trace_viewer.history.runs import run_of
from trace_viewer.model.cost_words import cost_json
from trace_viewer.model.json_text import NESTED_DEEPER

Shape = Callable[[int], list[dict[str, Any]]]


def chain(count: int) -> list[dict[str, Any]]:
    """Return segments that call one another, each inside of its caller."""
    return [doc(f"s{n}", n, 2 * count - n, f"s{n - 1}" if n else None) for n in range(count)]


def siblings(count: int) -> list[dict[str, Any]]:
    """Return a root with segments, and nothing below them."""
    return [doc("root", 0, count), *(doc(f"s{n}", n, n + 0.9, "root") for n in range(count))]


def retries(count: int) -> list[dict[str, Any]]:
    """Return a running job whose calls all failed."""
    return [doc("job", 0, None, subsegments=[doc(f"c{n}", n, n + 0.9, fault=True) for n in range(count)])]


def steps(count: int) -> list[dict[str, Any]]:
    """Return a job with a step for each turn of a loop, each with a Spark stage."""
    job = doc("job", 0, count)
    job["subsegments"] = [
        doc(
            "Merge",
            n,
            n + 0.9,
            id=f"m{n}",
            metadata={"default": {"spark.step.outcome": "executed", "spark.step.stages": [n]}},
            subsegments=[
                doc("Spark stage", n, n + 0.5, id=f"t{n}", metadata={"default": {"spark.stage.id": n}})
            ],
        )
        for n in range(count)
    ]
    return [job]


def batches(count: int) -> list[dict[str, Any]]:
    """Return segments of 99 subsegments below one root."""
    root = doc("root", 0, count)
    workers = [doc(f"w{n}", 10 * n, 10 * n + 9.9, "root") for n in range(count // 100)]
    for n, worker in enumerate(workers):
        worker["subsegments"] = [
            doc("query", 10 * n + q / 10, 10 * n + q / 10 + 0.09, id=f"{n}-{q}", annotations={"shard": n})
            for q in range(99)
        ]
    return [root, *workers]


def seconds(shape: Shape, count: int) -> float:
    """Return the processor time of a page."""
    trace = as_trace(*shape(count))
    gc.collect()
    gc.disable()
    try:
        before = time.process_time()
        render_html(trace)
        return time.process_time() - before
    finally:
        gc.enable()


@pytest.mark.parametrize("shape", [chain, relay, siblings, retries, steps, batches])
def test_four_times_the_spans_take_about_four_times_as_long(shape: Shape) -> None:
    small, large = min(seconds(shape, 200) for _ in range(2)), seconds(shape, 800)
    assert large / small < 8  # quadratic work takes 16 times as long


def test_names_stay_on_the_line_however_deep_they_are() -> None:
    rows = render_tree(as_trace(*chain(300)), width=100).splitlines()
    assert sum(f"s{n}" in row for n, row in enumerate(rows[3:])) == 300


def test_a_map_of_thousands_of_services_shows_those_that_matter() -> None:
    documents = siblings(300)
    documents[200] |= fails("TimeoutError", "late")
    page = render_html(as_trace(*documents))
    assert "241 more services are not drawn" in page
    assert page.count('class="service ') == 60
    assert page.count('class="service ok partly"') == 1  # it failed, and its caller went on


def nested(levels: int) -> str:
    """Return JSON that is nested so deep."""
    return '{"a":' * levels + "1" + "}" * levels


ODD_VALUES = {
    "900 levels of objects": nested(900),
    "900 levels of lists": "[" * 900 + "]" * 900,
    "an infinite number": "1e999",
    "minus infinity": "-1e999",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "an integer of 4,000 digits": "9" * 4_000,
    "a lone surrogate": '"\\ud800"',
    "a key that is no text elsewhere": '{"": {"": null}}',
}
PLACES = {
    "metadata": '"metadata":{"default":{"odd":%s}}',
    "an annotation": '"annotations":{"odd":%s}',
    "another field": '"aws":{"odd":%s}',
    "a row count": '"annotations":{"rows_read":%s}',
    "an exception": '"fault":true,"cause":{"exceptions":[{"message":%s,"stack":%s}]}',
    "log groups": '"aws":{"cloudwatch_logs":%s}',
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", ODD_VALUES)
def test_odd_values_end_in_no_traceback(value: str, place: str) -> None:
    field = PLACES[place].replace("%s", ODD_VALUES[value])
    trace = Trace("1-2-3", (("1", f'{{"id":"1","name":"a","start_time":1,"end_time":2,{field}}}'),))
    assert trace.tree.root.name == "a"
    assert trace.tree.root.log_groups == []
    for render in (render_tree, render_html, to_otlp, to_perfetto):
        made = render(trace)
        if isinstance(made, dict):
            json.dumps(made, allow_nan=False)
    json.loads(json.dumps(trace.to_json()))
    assert render_comparison_html(compare(trace, trace))


def test_what_lies_too_deep_is_said() -> None:
    trace = Trace("1-2-3", (("1", f'{{"id":"1","start_time":1,"metadata":{{"default":{nested(900)}}}}}'),))
    assert NESTED_DEEPER.removeprefix("… ") in render_html(trace)  # the page escapes what is not ASCII


def test_a_document_nested_beyond_reading_is_left_out_and_said(tmp_path: Path) -> None:
    deep = f'{{"id":"1","start_time":1,"metadata":{nested(50_000)}}}'
    path = tmp_path / "trace.json"
    whole = as_trace(doc("job", 0, 1)).to_json()
    whole["Segments"].append({"Id": "deep", "Document": deep})
    path.write_text(json.dumps(whole))
    assert load(path).tree.problems == ["Document deep is not a JSON object and is ignored."]


ODD_NUMBERS = [
    "9" * 400,
    f'"{"9" * 400}"',
    f'"{"9" * 5_000}"',
    "-5",
    '"many"',
    "[1]",
    '{"a":' * 60 + "1" + "}" * 60,
]
READ_NUMBERS = [
    *("aws.glue.job.number_of_workers", "aws.glue.job.max_capacity", "spark.version", "rows_rejected"),
    *("spark.stage.cores.available", "spark.stage.skew_time_ms", "spark.stage.disk.spilled_bytes"),
    *("spark.executor.tasks", "spark.executor.busy_cores", "aws.calls", "rejected_by_reason"),
]


@pytest.mark.parametrize("name", READ_NUMBERS)
@pytest.mark.parametrize("value", ODD_NUMBERS, ids=range(len(ODD_NUMBERS)))
def test_odd_numbers_where_a_number_is_read(name: str, value: str) -> None:
    facts = {
        **{
            "aws.glue.job.worker_type": "G.1X",
            "aws.glue.job.number_of_workers": 2,
            "cloud.region": "us-east-1",
        },
        **{"rows_read": 10, "spark.stage.tasks": 4, "spark.stage.task.max_ms": 9, "spark.executor.id": "1"},
        **{
            "spark.executor.cores": 4,
            "spark.executor.busy_cores": 1.5,
            "aws.calls": 3,
            "aws.calls.max_ms": 4,
        },
    }
    job = doc("job", 0, 90, metadata={"default": facts | {name: "odd"}})
    part = job | {"id": "part", "parent_id": "job", "type": "subsegment"}
    texts = [json.dumps(item).replace('"odd"', value) for item in (job, part)]
    trace = Trace("1-2-3", tuple(zip(("job", "part"), texts, strict=True)))

    assert render_tree(trace)
    assert render_html(trace)
    run = run_of(trace).to_json() | cost_json(trace.cost) | {"findings": trace.findings.to_json()}
    assert "-5" not in json.dumps(run, allow_nan=False)
