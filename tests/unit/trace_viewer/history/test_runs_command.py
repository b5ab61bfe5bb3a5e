# SPDX-License-Identifier: Apache-2.0
"""`glue-xray runs --files` and `view --usual`: what they print, write and refuse."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.trace_viewer.history.samples import run_number, trace_of
from trace_viewer import Trace, cli, runs
from trace_viewer.history.listing import listed
from trace_viewer.history.page import render_runs_html
from trace_viewer.history.runs import run_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six runs, the last one slow, in a file each; the page of the first one; a file of another kind."""
    skew, title = {"finding": "skew"}, {"finding.title": "1 of 8 tasks took 9 s", "xray.spans.dropped": 1}
    for number in range(6):
        trace = trace_of(number, late=9.0 if number == 5 else 0.0, annotations=skew, job=title)
        (tmp_path / f"{number}.json").write_text(json.dumps(trace.to_json()))
    (tmp_path / "0.html").write_text("<!doctype html>")
    (tmp_path / "notes.txt").write_text("nothing")
    return tmp_path


def test_the_table_has_the_newest_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "0.html").unlink()
    assert runs.main(["--files", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["started", "state", "took", "rows", "rejected", "USD", "pipeline"]
    assert re.sub(r" +", " ", lines[1]) == (
        "2023-11-19 22:13:20 OK 32.0s 10,000 1.0 % - orders skew 1-655a8880-000000000000000000000005"
    )
    assert lines[2].strip().startswith("+39 %: orders › Join")  # noqa: RUF001 9 s more than 23 s
    assert len(lines) == 8


def test_what_is_no_trace_is_said_and_the_rest_is_listed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.json").write_text("{")
    assert runs.main(["--files", str(folder), "--limit", "2"]) == 0
    captured = capsys.readouterr()
    assert "broken.json" in captured.err and "0.html" in captured.err
    assert "notes.txt" not in captured.err
    assert captured.out.count("orders") >= 2


def test_links_that_lead_nowhere_or_out_are_passed_over(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.json"
    outside.write_text("{")
    for name, target in {"loop": "loop.json", "gone": "nowhere.json", "out": str(outside)}.items():
        (folder / f"{name}.json").symlink_to(target)
    (folder / "folder.json").mkdir()

    assert runs.main(["--files", str(folder)]) == 0
    assert not [
        name for name in ("loop", "gone", "out", "folder") if f"{name}.json" in capsys.readouterr().err
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--job", "invoices"], "no run of job invoices in "),
        (["--files", "gone"], "gone is no folder: name the one that holds the trace files."),
    ],
)
def test_nothing_found_is_one_sentence(
    folder: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "0.html").unlink()
    assert runs.main(["--files", str(folder), *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"glue-xray runs: {sentence}") and error.count("\n") == 1


@pytest.mark.parametrize("option", [["--last", "soon"], ["--last", "0d"], ["--last", "9w"], ["--limit", "0"]])
def test_a_wrong_option_is_a_usage_error(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        runs.main(option)
    assert caught.value.code == 2
    assert option[1] in capsys.readouterr().err


def test_last_counts_back_from_the_newest_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runs.duration("36h") == timedelta(hours=36)
    assert runs.main(["--files", str(folder), "--last", "2d"]) == 0
    assert capsys.readouterr().out.count("OK ") == 3


def test_json_and_page_are_written(folder: Path) -> None:
    page, data = folder / "out" / "runs.html", folder / "runs.json.txt"
    assert runs.main(["--files", str(folder), "--html", str(page), "--json", str(data)]) == 0
    written = json.loads(data.read_text())
    assert [run["rows"] for run in written] == [10_000] * 6
    assert written[0]["beyond_usual"] and not written[1]["beyond_usual"]
    text = page.read_text()
    assert text.count('<a href="../0.html">') == 1  # the one whose page is there
    assert "9.00s" in json.dumps(written[0]["beyond_usual"])


def test_foreign_text_stays_text_on_the_page(hostile: Trace) -> None:
    page = render_runs_html(listed([run_of(hostile)]), links={hostile.id: 'x"><script>alert(1)</script>'})
    assert "<img" not in page and "<svg onload" not in page and "alert(1)</script>" not in page
    assert page.count("<script") == 2


def test_a_page_of_two_hundred_runs_is_under_300_kb() -> None:
    many = listed([run_number(number) for number in range(200)][::-1])
    page = render_runs_html(many, links={})
    assert len(page.encode()) < 300_000
    assert page.count("<tr data-id") == 200


def test_a_single_run_without_rows_has_a_page(pipeline: Trace) -> None:
    assert "1 run" in render_runs_html(listed([run_of(pipeline)]), links={})


def test_view_says_what_is_unusual_above_the_tree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "0.html").unlink()
    assert cli.main(["--file", str(folder / "5.json"), "--usual", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("orders is 9.00s slower (+39 %) than usual: it took 32.0s, usually 23.0s ±0%")
    assert lines[1].startswith("  orders › Join is 9.00s slower (+82 %)")  # noqa: RUF001
    assert any("OK  32.0s" in line for line in lines)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--usual"], "--usual needs the folder of the other runs' files"),
        (["--usual", ".", "--compare", "x"], "--usual compares one run that is over"),
        (["--usual", ".", "--serve"], "--usual compares one run that is over"),
    ],
)
def test_what_does_not_go_with_usual(
    folder: Path, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--file", str(folder / "5.json"), *more])
    assert sentence in capsys.readouterr().err


def test_a_pipeline_is_its_state_machine_and_rows_are_the_first_jobs(pipeline: Trace) -> None:
    run = run_of(pipeline)
    assert (run.pipeline, run.jobs, run.state) == ("Pipeline", ("clean", "process"), "ok")
    assert (run.rows, run.rejected) == (4_002, 320)
