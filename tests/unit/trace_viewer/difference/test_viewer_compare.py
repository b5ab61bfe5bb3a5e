# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import Trace, compare, render_comparison, render_comparison_html
from trace_viewer.cli import main
from trace_viewer.difference import wording
from trace_viewer.difference.comparison import Comparison


def run(write: dict[str, Any], *, seconds: float, read: int, clean: int, bad: int) -> Trace:
    """Return a job that reads for two seconds, then writes."""
    counts = {"rows_read": read, "rows_clean": clean, "rows_rejected": read - clean}
    reasons = {"default": {"rejected_by_reason": {"bad_price": bad, "bad_date": 1}}}
    steps = [doc("Read Data", 0, 2), write]
    return as_trace(doc("job", 0, seconds, annotations=counts, metadata=reasons, subsegments=steps))


@pytest.fixture
def first() -> Trace:
    query = doc("Spark SQL 3: save", 2.5, 5, id="q")
    write = doc("Write Data", 2, 5, subsegments=[query, doc("Commit", 5, 5)])
    return run(write, seconds=6, read=11, clean=8, bad=2)


@pytest.fixture
def second() -> Trace:
    query = doc("Spark SQL 5: save", 2.5, 9, id="r")
    write = doc("Write Data", 2, 9, subsegments=[query, doc("Cache", 9, 9)])
    return run(write, seconds=10, read=20, clean=17, bad=2)


@pytest.fixture
def both(first: Trace, second: Trace) -> Comparison:
    return compare(first, second)


def test_steps_are_aligned_by_the_path_of_their_names(both: Comparison) -> None:
    assert [
        (pair.depth, pair.name, pair.first is not None, pair.second is not None) for pair in both.pairs
    ] == [
        (0, "job", True, True),
        (1, "Read Data", True, True),
        (1, "Write Data", True, True),
        (2, "Spark SQL: save", True, True),  # 3 in one, 5 in the other
        (2, "Commit", True, False),
        (2, "Cache", False, True),
    ]


def test_the_step_is_blamed_and_not_its_caller(both: Comparison) -> None:
    assert both.change == 4.0
    assert [(pair.name, pair.step_change) for pair in both.slower] == [("Write Data", 4.0)]
    assert both.faster == []


def test_rows_of_both_sides(both: Comparison) -> None:
    assert both.root.rows == {"rows_read": (11, 20), "rows_clean": (8, 17), "rows_rejected": (3, 3)}
    assert both.root.reasons == {"bad_price": (2, 2), "bad_date": (1, 1)}


def test_the_table(both: Comparison) -> None:
    assert render_comparison(both, width=100).splitlines() == [
        "A  OK         6.00s  1970-01-01 00:00:00 UTC  1-69202261-0123456789abcdef01234567",
        "B  OK         10.0s  1970-01-01 00:00:00 UTC  1-69202261-0123456789abcdef01234567",
        "B is 4.00s slower (+67 %)",
        "  B has 1.8× the rows (11 → 20): 545ms → 500ms per row (−8 %); more than its rows explain: job ›",  # noqa: RUF001
        "  Write Data +1.55s",
        "  slower: job › Write Data +4.00s",  # noqa: RUF001
        "",
        "       A        B    change         name",
        "   6.00s    10.0s    +4.00s ×1.7    job",  # noqa: RUF001
        "                                    rows: read 11 → 20, clean 8 → 17",
        "   3.00s    7.00s    +4.00s ×2.3      Write Data",  # noqa: RUF001
        "   2.50s    6.50s    +4.00s ×2.6        Spark SQL: save",  # noqa: RUF001
        "and 3 spans that changed by less than 100ms",
    ]


@pytest.mark.parametrize(
    ("rows", "seconds", "words"),
    [
        (40_000, 21, "B has 4× the rows (10,000 → 40,000): 600ms → 525ms per thousand rows (−12 %)"),  # noqa: RUF001
        (10_200, 9, ""),  # one size
        (2_500, 3, "B has 0.25× the rows (10,000 → 2,500): 600ms → 1.20s per thousand rows (+100 %)"),  # noqa: RUF001
    ],
)
def test_a_run_of_other_size_is_compared_per_row(rows: int, seconds: float, words: str) -> None:
    usual = run(doc("Write Data", 2, 5), seconds=6, read=10_000, clean=8, bad=2)
    other = run(doc("Write Data", 2, seconds - 1), seconds=seconds, read=rows, clean=8, bad=2)
    said = wording.per_row(compare(usual, other))
    assert said.split(";")[0] == words
    beyond = "more than its rows explain: job › Write Data +6.00s"  # noqa: RUF001 of 3 s to 18 s, four times the rows
    assert (beyond in said) is (rows == 40_000)


def test_a_state_is_blamed_for_its_own_waiting_only() -> None:
    def waiting(before_the_job: float) -> Trace:
        call = doc("Glue", 0, 0.1, namespace="aws", id="call")
        state = doc("Clean Data", 0, before_the_job + 5, subsegments=[call])
        job = doc(
            "job",
            before_the_job,
            before_the_job + 5,
            "call",
            subsegments=[doc("Read", before_the_job + 1, before_the_job + 4)],
        )
        return as_trace(doc("machine", 0, before_the_job + 5, subsegments=[state]), job)

    slower = compare(waiting(2), waiting(6)).slower
    assert [(pair.name, pair.step_change) for pair in slower] == [("Clean Data", 4.0)]


def test_the_other_way_round_it_got_faster(first: Trace, second: Trace) -> None:
    back = compare(second, first)
    assert [(pair.name, pair.step_change) for pair in back.faster] == [("Write Data", -4.0)]
    assert back.slower == []


def test_a_trace_compared_with_itself_has_nothing_to_tell(pipeline: Trace) -> None:
    same = compare(pipeline, pipeline)
    assert (same.change, same.slower, same.faster, same.notable) == (0.0, [], [], [same.root])
    assert [pair.first for pair in same.pairs] == [pair.second for pair in same.pairs]


def test_attempts_of_one_name_are_paired_in_turn() -> None:
    once = as_trace(doc("machine", 0, 3, subsegments=[doc("Clean", 0, 3)]))
    twice = as_trace(
        doc(
            "machine",
            0,
            9,
            subsegments=[
                doc("Clean", 0, 4, id="c1", **fails("Timeout", "too slow")),
                doc("Clean", 5, 9, id="c2"),
            ],
        )
    )
    attempts = compare(once, twice).root.children
    assert [(pair.change, pair.status_changed) for pair in attempts] == [(1.0, True), (4.0, False)]
    drawn = render_comparison(compare(once, twice), width=100)
    assert "Clean  ok → fault" in drawn and "Clean  only in B" in drawn


def test_what_only_the_first_has_stands_after_what_it_followed() -> None:
    def names(*steps: str) -> Trace:
        return as_trace(
            doc("job", 0, 9, subsegments=[doc(name, at, at + 1) for at, name in enumerate(steps)])
        )

    together = compare(names("a", "gone", "b"), names("new", "b", "a"))
    assert [pair.name for pair in together.root.children] == ["new", "b", "a", "gone"]


def test_foreign_text_stays_text(hostile: Trace, pipeline: Trace) -> None:
    drawn = render_comparison(compare(hostile, pipeline), width=300)
    assert "\x1b" not in drawn and "\u202e" not in drawn
    html = render_comparison_html(compare(hostile, hostile))
    assert "<img" not in html and html.count("<script") == 1 and "<svg onload" not in html


@pytest.mark.parametrize("width", [40, 80, 140])
def test_no_line_is_wider_than_the_terminal(pipeline: Trace, failed: Trace, width: int) -> None:
    drawn = render_comparison(compare(pipeline, failed), width=width)
    assert max(cell_len(line) for line in drawn.splitlines()) <= width


def test_ascii_for_terminals_that_have_nothing_else(pipeline: Trace, failed: Trace) -> None:
    assert render_comparison(compare(pipeline, failed), ascii_only=True).isascii()


def test_a_page_of_two_large_traces_is_under_300_kb(large: Trace) -> None:
    html = render_comparison_html(compare(large, large))
    assert len(html.encode()) < 300_000
    assert "4,750 more spans, which changed less, are left out." in html


def test_the_command_compares_two_files(
    tmp_path: Path, first: Trace, second: Trace, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, trace in zip(paths, (first, second), strict=True):
        path.write_text(json.dumps(trace.to_json()))
    page = tmp_path / "both.html"
    assert main(["--file", str(paths[0]), "--compare", str(paths[1]), "--html", str(page)]) == 0
    assert "B is 4.00s slower (+67 %)" in capsys.readouterr().out
    assert page.read_text().startswith("<!doctype html>")


def test_a_comparison_is_no_trace_to_export(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(data / "pipeline.json")
    with pytest.raises(SystemExit) as caught:
        main(["--file", path, "--compare", path, "--otlp", "x.json"])
    assert caught.value.code == 2
    assert "a comparison is written with --html, not with --otlp" in capsys.readouterr().err


def test_a_missing_file_to_compare_with_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--file", str(data / "pipeline.json"), "--compare", "gone.json"]) == 1
    assert capsys.readouterr().err == "glue-xray view: gone.json cannot be read: No such file or directory\n"
