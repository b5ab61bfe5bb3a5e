# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import Trace, render_tree


@pytest.fixture
def small() -> Trace:
    """A job of ten seconds: it reads for two, then fails after five more."""
    read = doc("Read Data", 1, 3, annotations={"rows_read": 4002})
    write = doc("Write Data", 3, 8, **fails("OSError", "no space left"))
    counts = {"rows_read": 4002, "rows_clean": 3682, "rows_rejected": 320, "dataset": "listings"}
    reasons = {"default": {"rejected_by_reason": '{"bad_price": 320}'}}
    steps = [read, write]
    return as_trace(doc("job", 0, 10, fault=True, annotations=counts, metadata=reasons, subsegments=steps))


def test_the_tree_of_a_failed_job(small: Trace) -> None:
    assert render_tree(small, width=100).splitlines() == [
        "✗ FAILED  10.0s  1970-01-01 00:00:00 UTC  1-69202261-0123456789abcdef01234567",
        "  dataset=listings",
        "  failed in job › Write Data",  # noqa: RUF001
        "  OSError: no space left",
        "",
        "duration     self",
        "   10.0s    3.00s  ━━──────────━━━  ✗ job  4,002 read → 3,682 clean, 320 rejected",
        "                                    │ rejected: bad_price 320",
        "   2.00s            ━━━             ├ Read Data  4,002 read",
        "   5.00s               ━━━━━━━━     └ ✗ Write Data",
        "                                        OSError: no space left",
    ]


def test_a_narrow_terminal_drops_columns_not_names(small: Trace) -> None:
    lines = render_tree(small, width=48).splitlines()
    assert lines[-4:] == [
        "          │ rejected: bad_price 320",
        "   2.00s  ├ Read Data  4,002 read",
        "   5.00s  └ ✗ Write Data",
        "              OSError: no space left",
    ]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 160, 240])
def test_no_line_is_wider_than_the_terminal(failed: Trace, width: int) -> None:
    assert max(cell_len(line) for line in render_tree(failed, width=width).splitlines()) <= width


def test_durations_are_aligned(pipeline: Trace) -> None:
    rows = render_tree(pipeline, width=120).splitlines()[4:]
    assert {len(row[:8]) for row in rows} == {8}
    assert all(row[7] in " smh" for row in rows)


def test_every_step_has_a_row_of_its_own(pipeline: Trace) -> None:
    steps = {
        "Read Data": 2,  # one per job
        "Drop Columns": 1,
        "Remove Duplicates": 1,
        "Fill Null Values": 1,
        "Convert Currency": 1,
        "Fix Skewness": 1,
        "Correct Review Dates": 1,
        "Write Data": 2,
        "Rank by Cost Per Night in Neighborhood": 1,
    }
    rows = [row.split("├ ")[-1].split("└ ")[-1].split("  ")[0] for row in render_tree(pipeline).splitlines()]
    assert {step: rows.count(step) for step in steps} == steps


def test_only_children_share_a_line(pipeline: Trace) -> None:
    assert "└ Execution 0: count › Spark job 0 › Stage 0: csv scan" in render_tree(pipeline)  # noqa: RUF001


def test_an_inferred_segment_adds_no_row(pipeline: Trace) -> None:
    # Given that the state Clean Data calls Glue, and X-Ray inferred a segment for the call
    rows = [line.split("│")[-1].strip() for line in render_tree(pipeline).splitlines()]
    # Then there is one row per call, and the job below it
    assert rows.count("└ Glue  StartJobRun") == 2


def test_what_lambda_did_itself_shares_its_line() -> None:
    phases = [doc("Initialization", 0, 1), doc("Invocation", 1, 3), doc("Overhead", 3, 3.5)]
    call = doc("StartExecution", 1.5, 2)
    lambda_: dict[str, Any] = {"origin": "AWS::Lambda::Function", "subsegments": [*phases, call]}
    lines = render_tree(as_trace(doc("start", 0, 3.5, **lambda_)), width=140).splitlines()

    assert lines[3:] == [
        f"   3.50s      0ms  {'━' * 30}  start  Lambda Function  "
        "Initialization 1.00s, Invocation 2.00s, Overhead 500ms",
        f"   500ms           {' ' * 12}─────{' ' * 13}  └ StartExecution",
    ]
    phases[1] |= fails("ValueError", "no")
    phases[2]["subsegments"] = [doc("send", 3, 3.2)]
    told = render_tree(as_trace(doc("start", 0, 3.5, **lambda_)), width=140).split("duration     self")[1]
    assert "start  Lambda Function  Initialization 1.00s\n" in told
    assert "├ ✗ Invocation\n" in told and "└ Overhead\n" in told


def test_colour_only_when_asked_for(small: Trace) -> None:
    assert "\x1b[" not in render_tree(small)
    assert "\x1b[1;31m✗ " in render_tree(small, color=True)


def test_names_are_not_dimmed(small: Trace) -> None:
    drawn = render_tree(small, width=100, color=True)
    assert "\x1b[39mRead Data\x1b[0m" in drawn
    assert "\x1b[1;31mWrite Data\x1b[0m" in drawn
    assert drawn.count("\x1b[31mOSError: no space left\x1b[0m") == 1
    assert "\x1b[2m├ \x1b[0m" in drawn  # the lines of the tree are


def test_ascii_for_terminals_that_have_nothing_else(small: Trace) -> None:
    assert render_tree(small, width=100, ascii_only=True).isascii()


def test_escape_sequences_of_a_trace_never_reach_the_terminal(hostile: Trace) -> None:
    drawn = render_tree(hostile, width=500)
    assert not any(character in drawn for character in "\x1b\x07\r\u202e\ud800")
    assert "�[31m" in drawn


def test_too_many_children_are_counted_and_the_failed_one_is_kept(large: Trace) -> None:
    drawn = render_tree(large)
    assert "✗ query 50" in drawn
    assert "49 × worker …  49 OK, 8m 05s together, longest 9.90s" in drawn  # noqa: RUF001
    assert len(drawn.splitlines()) < 20
    unlike = [doc(f"step {'abcdefghij'[n % 10] * (n + 1)}", n, n + 0.9) for n in range(50)]
    assert "and 10 shorter ones, 9.00s together" in render_tree(
        as_trace(doc("job", 0, 50, subsegments=unlike))
    )


def test_counts_that_have_no_room_get_a_line(pipeline: Trace) -> None:
    narrow = render_tree(pipeline, width=60)
    assert re.search(r"└ clean\n +│ +│ 4,002 read → 3,682 clean, 0\n +│ +│ duplicate, 320 rejected\n", narrow)
    wide = render_tree(pipeline, width=120)
    assert "clean  4,002 read → 3,682 clean, 0 duplicate, 320 rejected\n" in wide


def test_a_path_is_not_broken_at_its_hyphens() -> None:
    path = "s3://bucket-of-the-team/input-of-the-day/listings-2026-11-28.csv"
    drawn = render_tree(
        as_trace(doc("job", 0, 1, **fails("OSError", f"cannot read the object {path}"))), width=70
    )
    assert path in drawn


def test_what_runs_is_marked(data: Path) -> None:
    from trace_viewer import load

    lines = render_tree(load(data / "running.json")).splitlines()
    assert lines[0].startswith("… RUNNING  9.65s")
    assert any(line.startswith(" running") and line.endswith("└ … Remove Duplicates") for line in lines)
