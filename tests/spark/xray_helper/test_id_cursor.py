# SPDX-License-Identifier: Apache-2.0
"""Which of Spark's ids are read again, and which are missed."""

from __future__ import annotations

from xray_helper.spark.status_store.id_cursor import IdCursor


def test_ids_between_those_that_were_read_are_missed() -> None:
    cursor = IdCursor(first=3, next=0)
    cursor.advance([1, 2, 4, 7], unfinished=[])  # 1 and 2 are somebody else's

    assert (cursor.missing, cursor.seen, cursor.next) == (3, 7, 8)  # 3, 5, 6
    assert cursor.is_at_end


def test_what_was_read_again_is_not_missed_twice() -> None:
    cursor = IdCursor(first=0, next=0)
    cursor.advance([0, 1, 3], unfinished=[1])
    assert not cursor.is_at_end
    assert cursor.next == 1
    cursor.advance([1], unfinished=[])
    cursor.advance([4], unfinished=[])

    assert (cursor.missing, cursor.seen, cursor.next) == (1, 4, 5)


def test_ids_that_never_came_are_missed_at_the_end() -> None:
    cursor = IdCursor(first=5, next=5)
    cursor.close(5)
    assert cursor.missing == 0
    cursor.close(7)
    assert cursor.missing == 2
