# SPDX-License-Identifier: Apache-2.0
"""Exceptions that are more than one: a chain, and the members of a group."""

from __future__ import annotations

from typing import Any

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import render_tree


def _shown(*exceptions: dict[str, Any]) -> list[str]:
    lines = render_tree(
        as_trace(doc("job", 0, 1, fault=True, cause={"exceptions": list(exceptions)}))
    ).splitlines()
    return lines[2 : lines.index("")]


def test_causes_and_members_stand_below_the_exception() -> None:
    assert _shown(
        {"id": "a", "type": "ExceptionGroup", "message": "2 parts failed", "cause": "b"},
        {"id": "b", "type": "KeyError", "message": "first"},
        {"id": "c", "type": "ValueError", "message": "bad price"},
        {"id": "d", "type": "TypeError", "message": "no date"},
    ) == [
        "  ExceptionGroup: 2 parts failed",
        "  caused by KeyError: first",
        "  and ValueError: bad price",
        "  and TypeError: no date",
    ]


def test_many_are_counted() -> None:
    assert _shown(*({"id": str(number), "type": "E"} for number in range(12)))[-2:] == [
        "  and E",
        "  and 4 more",
    ]


def test_a_line_of_a_message_forges_no_line() -> None:
    assert (
        _shown({"id": "a", "type": "E"}, {"id": "b", "type": "F", "message": "x\n\x1b[2Jy"})[1]
        == "  and F: x \N{REPLACEMENT CHARACTER}[2Jy"
    )
