# SPDX-License-Identifier: Apache-2.0
"""Findings in the file, in front of the tree, and on the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from tests.unit.trace_viewer.page import Page
from trace_viewer import Trace, render_html, render_tree
from trace_viewer.cli import main


def stage(number: int, start: float, **numbers: int) -> dict[str, Any]:
    values = {"spark.stage.id": number, "spark.stage.tasks": 4}
    values |= {f"spark.stage.{key.replace('__', '.')}": value for key, value in numbers.items()}
    name = f"Spark stage {number}"
    return doc(
        name, start, start + 4, "Merge", id=f"stage-{number}", type="subsegment", metadata={"default": values}
    )


SKEWED = stage(4, 2.0, task__max_ms=2_860, task__p50_ms=267)


def bad(*more: dict[str, Any], **annotations: Any) -> Trace:
    return as_trace(
        doc("enrich", 0.0, 20.0, annotations=annotations),
        doc("Merge", 1.0, 19.0, "enrich", type="subsegment"),
        *(more or (SKEWED,)),
    )


def four_findings() -> Trace:
    """Return a run that lost and rejected rows, with a skewed stage and two that spilled."""
    spilled = [stage(number, 1.0 + 4 * number, disk__spilled_bytes=10**9) for number in range(2)]
    late = SKEWED | {"start_time": 14.0, "end_time": 18.0}
    return bad(late, *spilled, rows_read=10, rows_clean=5, rows_rejected=4)


def test_the_file_has_the_shape_of_its_documentation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "trace.json", tmp_path / "out" / "findings.json"
    source.write_text(json.dumps(bad().to_json()))

    assert main(["--file", str(source), "--findings", str(target)]) == 0
    assert f"wrote {target}" in capsys.readouterr().err
    assert json.loads(target.read_text()) == [
        {
            "kind": "skew",
            "severity": "warning",
            "title": "1 of 4 tasks took 2.86 s, median 267 ms (10.7×)",  # noqa: RUF001 - meant
            "where": ["enrich", "Merge", "Spark stage 4"],
            "span_id": "stage-4",
            "evidence": {"tasks": 4, "longest_task_ms": 2860, "median_task_ms": 267},
            "seconds": 2.593,
            "usd": None,
            "advice": "Salt or split the heavy key, or let AQE do it: spark.sql.adaptive.skewJoin.enabled.",
            "docs": "docs/findings.md#skew",
        }
    ]


def test_no_finding_is_an_empty_list(tmp_path: Path, pipeline: Trace) -> None:
    source, target = tmp_path / "trace.json", tmp_path / "findings.json"
    source.write_text(json.dumps(pipeline.to_json()))

    assert main(["--file", str(source), "--findings", str(target)]) == 0
    assert json.loads(target.read_text()) == []


def test_the_terminal_shows_three_before_the_tree() -> None:
    lines = render_tree(four_findings(), width=120).splitlines()

    assert lines[1:4] == [
        "  critical: lost rows in enrich: 1 row of 10 came out nowhere: neither clean nor rejected",
        "  warning: rejected rows in enrich: 40 % of the rows were rejected: 4 of 10",
        "  warning: skew in enrich › Merge › Spark stage 4: 1 of 4 tasks took 2.86 s, median 267 ms (10.7×) (up to 2.59s)",  # noqa: RUF001, E501 - meant
    ]
    assert lines[4] == "  and 1 more: --findings F writes them, --html shows them"
    assert "findings" not in render_tree(bad(stage(1, 2.0)))


def test_the_page_opens_with_them_and_folds_all_but_three() -> None:
    page = Page(render_html(four_findings()))

    assert page.text.index("Findings 4") < page.text.index("Timeline")
    assert [a["data-go"] for tag, a in page.elements if "data-go" in a][:3] == [
        "enrich",
        "enrich",
        "stage-4",
    ]
    assert "1 more" in page.text


def test_nothing_found_is_a_result_where_something_was_checked() -> None:
    assert "No problems found (11 checks)" in Page(render_html(bad(stage(1, 2.0)))).text
    assert "problems found" not in Page(render_html(as_trace(doc("web", 0.0, 1.0)))).text


def test_what_a_job_said_itself_stays_when_its_spans_did_not_fit() -> None:
    said = {"finding": "skew"}
    trace = as_trace(
        doc("enrich", 0.0, 20.0, annotations=said, metadata={"default": {"finding.title": "Merge: 1 of 4"}})
    )
    (found,) = trace.findings.found

    assert (found.kind, found.title, found.seconds) == ("skew", "Merge: 1 of 4", None)


@pytest.mark.parametrize(("dropped", "kinds"), [(0, []), (3, ["skew"])])
def test_what_the_whole_trace_does_not_bear_out_is_not_said(dropped: int, kinds: list[str]) -> None:
    told = {"finding.title": "A: 1 of 8 tasks took 9 s", "xray.spans.dropped": dropped}
    beside = stage(4, 2.0, task__max_ms=9_000, task__p50_ms=267) | {"parent_id": "A"}
    trace = as_trace(
        doc("enrich", 0.0, 100.0, annotations={"finding": "skew"}, metadata={"default": told}),
        doc("A", 1.0, 20.0, "enrich", type="subsegment"),
        beside,
        doc("B", 1.0, 99.0, "enrich", type="subsegment"),  # what was waited for
    )

    assert [found.kind for found in trace.findings.found] == kinds


def test_a_check_is_one() -> None:
    call = doc("DynamoDB", 2.0, 3.0, namespace="aws", aws={"operation": "PutItem"})
    state = doc("Store", 1.0, 5.0, "machine", type="subsegment", subsegments=[call])

    assert "No problems found (1 check)" in render_html(as_trace(doc("machine", 0.0, 10.0), state))


@pytest.mark.parametrize("attack", ["\x1b]0;owned\x07", "\u202egnp.exe", "\u2028"])
def test_a_kind_of_somebody_else_stays_text(attack: str) -> None:
    said = {"default": {"finding.title": "told"}}
    trace = as_trace(doc("job", 0.0, 20.0, annotations={"finding": f"skew{attack}"}, metadata=said))
    heading = render_html(trace).partition('<h2 id="findings-title">')[2].partition("</section>")[0]

    assert "skew" in heading
    for shown in (render_tree(trace), heading):
        assert not set(attack) & set("\x1b\x07\u202e\u2028") & set(shown)


def test_hostile_names_stay_text(hostile: Trace) -> None:
    attack = "<img src=x onerror=alert(1)>\x1b[31m"
    values = {"rows_read": 10, "rows_clean": 5, "rows_rejected": 5, f"rejected_by_reason.{attack}": 5}
    trace = as_trace(doc(attack, 0.0, 20.0, annotations=values))

    assert trace.findings.found[0].kind == "rejected_rows"
    assert not [tag for tag, _ in Page(render_html(trace)).elements if tag == "img"]
    assert "\x1b" not in render_tree(trace)
    assert hostile.findings.found == ()
