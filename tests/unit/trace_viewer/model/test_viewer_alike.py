# SPDX-License-Identifier: Apache-2.0
"""Siblings that are alike share a row; what differs or went wrong keeps its own."""

from __future__ import annotations

from typing import Any

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import render_tree
from trace_viewer.model.alike import ALIKE, Group
from trace_viewer.model.outline import remark, rows_below
from trace_viewer.model.tree import build
from trace_viewer.rendering.page.timeline import page_data


def turns(count: int, **odd: dict[str, Any]) -> list[dict[str, Any]]:
    """Return turns of a loop; `odd` has further fields by name, spaces as underscores."""
    return [doc(f"turn {n}", n, n + 0.5 + n / 1000, **odd.get(f"turn_{n}", {})) for n in range(count)]


def rows(*children: dict[str, Any]) -> list[str]:
    return [row.name for row in rows_below(build([doc("job", 0, 999, subsegments=list(children))]).root)]


def test_as_many_as_it_takes_share_a_row_and_one_less_do_not() -> None:
    assert rows(*turns(ALIKE)) == ["10 × turn …"]  # noqa: RUF001
    assert len(rows(*turns(ALIKE - 1))) == ALIKE - 1


def test_what_failed_runs_or_has_a_failure_below_keeps_its_row() -> None:
    below = {"subsegments": [doc("inner", 7, 7.1, fault=True)]}
    found = turns(15, turn_3=fails("E", "no"), turn_7=below, turn_14={"end_time": None})
    assert rows(*found) == ["12 × turn …", "turn 3", "turn 7", "turn 14"]  # noqa: RUF001


def test_other_kinds_are_other_rows_wherever_they_stand() -> None:
    gets = [
        doc("S3", n, n + 0.1, id=f"g{n}", namespace="aws", aws={"operation": "GetObject"}) for n in range(12)
    ]
    puts = [
        doc("S3", n, n + 0.1, id=f"p{n}", namespace="aws", aws={"operation": "PutObject"}) for n in range(9)
    ]
    assert rows(*gets, *puts) == ["12 × S3", *["S3"] * 9]  # noqa: RUF001


def test_a_group_says_how_its_members_did_and_covers_them() -> None:
    root = build([doc("job", 0, 20, subsegments=turns(12))]).root
    (group,) = rows_below(root)
    assert isinstance(group, Group)
    assert remark(group) == "12 OK, 6.07s together, longest 511ms"
    assert (group.start, group.finish, group.on_critical_path) == (0, 11.511, True)
    assert group.children == root.children


def test_a_page_folds_a_group_and_a_terminal_shows_its_longest() -> None:
    trace = as_trace(doc("job", 0, 300, subsegments=turns(248)))
    data = page_data(trace.tree)["rows"]
    assert [(row["name"], row["depth"]) for row in data[:3]] == [
        ("job", 0), ("248 × turn …", 1), ("turn 0", 2),  # noqa: RUF001
    ]  # fmt: skip
    drawn = render_tree(trace).splitlines()
    assert len(drawn) == 6 and "turn 247" in drawn[-1]
