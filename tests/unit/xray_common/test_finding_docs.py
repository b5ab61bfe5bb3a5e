# SPDX-License-Identifier: Apache-2.0
"""Each kind of finding has a row in docs/findings.md, and a program and a twin in a suite."""

from __future__ import annotations

import pytest

from tests.finding_table import SUITES, check_said, kinds_of_code, kinds_of_suite, rows


def test_every_kind_of_the_code_has_its_row() -> None:
    kinds = [row.kind for row in rows()]

    assert len(kinds) == len(set(kinds))
    assert set(kinds) == kinds_of_code()


def test_every_kind_has_a_program_and_a_twin_in_the_suite_that_its_row_names() -> None:
    told = {suite: {row.kind for row in rows() if row.suite == f"[{suite}][]"} for suite in SUITES}

    assert told == {suite: kinds_of_suite(suite) for suite in SUITES}
    assert [row.kind for row in rows() if not all((row.program, row.said, row.evidence, row.twin))] == []


@pytest.mark.parametrize(
    ("kind", "title", "is_as_told"),
    [
        ("spill", "1 task spilled 9 B to disk, 2.5 GB in memory; and 2 more like it", True),
        ("spill", "1 task spilled 9 B to disk", False),
        ("lost_executors", "3 executors lost: out of memory", True),
        ("lost_executors", "3 executors lost: ", False),
    ],
)
def test_a_sentence_is_compared_without_its_numbers(kind: str, title: str, is_as_told: bool) -> None:
    if is_as_told:
        check_said(kind, title)
    else:
        with pytest.raises(AssertionError, match="is not as docs"):
            check_said(kind, title)
