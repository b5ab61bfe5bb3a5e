# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from tests.unit.trace_viewer.page import Page
from trace_viewer import Trace, render_html, to_otlp, to_perfetto
from trace_viewer.rendering.page.timeline import page_data


def test_the_page_loads_nothing(pipeline: Trace) -> None:
    page = Page(render_html(pipeline))
    assert page.policy()["default-src"] == ["'none'"]
    assert not [tag for tag, _ in page.elements if tag in ("link", "img", "iframe", "object", "base")]
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        if tag == "a":
            assert str(attributes["href"]).startswith("#")


def test_the_policy_allows_exactly_the_pages_own_style_and_script(pipeline: Trace) -> None:
    page = Page(render_html(pipeline))
    runnable = [(tag, text) for tag, attributes, text in page.raw if "type" not in attributes]
    assert [tag for tag, _ in runnable] == ["style", "script"]
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for _, text in runnable
    ]
    assert [page.policy()["style-src"], page.policy()["script-src"]] == [[hashes[0]], [hashes[1]]]


def test_nothing_of_a_trace_becomes_markup(hostile: Trace, pipeline: Trace) -> None:
    hostile_page, calm_page = Page(render_html(hostile)), Page(render_html(pipeline))
    allowed = {tag for tag, _ in calm_page.elements} | {"p"}
    assert {tag for tag, _ in hostile_page.elements} <= allowed | {"b", "button"}
    assert [tag for tag, _ in hostile_page.elements].count("script") == [
        t for t, _ in calm_page.elements
    ].count("script")
    assert not any(name.startswith("on") for _, attributes in hostile_page.elements for name in attributes)
    assert "<img src=x onerror=window.pwned=1>" in hostile_page.text


def test_the_data_cannot_end_its_script_and_is_the_trace(hostile: Trace) -> None:
    html = render_html(hostile)
    html.encode("utf-8")
    data = Page(html).script("data")
    assert not set("<>&") & set(data)
    assert data.isascii()
    rows = json.loads(data)["rows"]
    assert "</script><script>window.pwned=1</script>" in rows[0]["name"]
    assert rows[0]["metadata"]["default"] == {"nan": "NaN", "big": str(2**60)}


def test_a_usual_trace_is_a_small_page(pipeline: Trace, failed: Trace) -> None:
    for trace in (pipeline, failed):
        assert len(render_html(trace).encode()) < 300_000


def test_a_page_of_the_largest_trace_that_x_ray_guarantees_is_under_300_kb() -> None:
    # Given 100 KB of documents, as much as X-Ray guarantees for a trace with Step Functions
    root = f"{0:016x}"
    spans = [
        doc(f"{number:016x}", number, number + 0.9, root, type="subsegment", metadata={"default": attributes})
        for number in range(1, 160)
        for attributes in [{f"spark.attribute.{key}": number * key * 7919 for key in range(12)}]
    ]
    trace = as_trace(doc(root, 0, 200), *spans)
    size = sum(len(document) for _, document in trace.segments)
    assert 90_000 < size < 110_000
    assert len(render_html(trace).encode()) < 300_000


def test_exports_are_packed_into_the_page(pipeline: Trace) -> None:
    page = Page(render_html(pipeline))
    for name, expected in {
        "trace": pipeline.to_json(),
        "otlp": to_otlp(pipeline),
        "perfetto": to_perfetto(pipeline),
    }.items():
        packed = page.script(f"export-{name}")
        assert json.loads(gzip.decompress(base64.b64decode(packed))) == json.loads(json.dumps(expected))


def test_the_same_trace_is_the_same_page(pipeline: Trace) -> None:
    assert render_html(pipeline) == render_html(pipeline)


def test_the_failure_stands_above_everything(failed: Trace) -> None:
    text = re.sub(r"\s+", " ", Page(render_html(failed)).text)
    way = ["process", "Write Data", "Execution 9: save listings", "Spark job 9", "Stage 21: window and write"]
    assert f"Failed in {' › '.join(way)}" in text  # noqa: RUF001
    assert text.index("Failed in") < text.index("Trace map") < text.index("Timeline")


def test_problems_of_the_documents_are_said() -> None:
    text = Page(render_html(as_trace(doc("a", 0, 1), doc("lost", 0, 1, "gone")))).text
    assert "lost (lost) is shown below the root: its parent gone is not in the trace." in text


@pytest.mark.parametrize(
    ("arn", "console"),
    [
        ("arn:aws:lambda:eu-west-1:123456789012:function:f", "https://eu-west-1.console.aws.amazon.com"),
        ("arn:aws-cn:states:cn-north-1:123456789012:execution:f", "https://cn-north-1.console.amazonaws.cn"),
        ("arn:aws:lambda:evil.example/:123456789012:x", ""),
        ("arn:aws-iso:lambda:us-iso-east-1:123456789012:x", ""),
        (None, ""),
    ],
)
def test_the_console_is_known_by_an_arn(arn: str | None, console: str) -> None:
    assert page_data(as_trace(doc("f", 0, 1, resource_arn=arn)).tree)["console"] == console


def test_five_thousand_spans_are_a_page(large: Trace) -> None:
    page = Page(render_html(large))
    assert len(json.loads(page.script("data"))["rows"]) == 5051  # and 51 rows for those that are alike


@pytest.mark.parametrize("name", ["running", "schema_error"])
def test_other_states_have_a_page(data: Path, name: str) -> None:
    from trace_viewer import load

    trace = load(data / f"{name}.json")
    assert Page(render_html(trace)).text.count(trace.id) >= 1
