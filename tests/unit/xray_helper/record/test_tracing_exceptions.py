# SPDX-License-Identifier: Apache-2.0
"""Exceptions that are more than one: groups, chains, notes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from xray_helper import Settings, traced_job
from xray_helper.budget.trimming import MAX_DOCUMENT_BYTES
from xray_helper.translate.segments import document_bytes, segment_document

Told = list[tuple[str, str]]


class MultiError(Exception):
    """A group of an older package, such as trio's MultiError."""

    def __init__(self, *members: object) -> None:
        super().__init__("several")
        self.exceptions = members


def exceptions(raised: Callable[[], None], exported: list[Any]) -> list[dict[str, Any]]:
    """List what the step's document says of the exceptions."""
    with contextlib.suppress(BaseException), traced_job(settings=Settings()) as job, job.step("s"):
        raised()
    assert job.telemetry_faults == 0
    (span,) = (span for span in exported if span.name == "s")
    assert document_bytes(span) <= MAX_DOCUMENT_BYTES
    return list(segment_document(span)["cause"]["exceptions"])


def told(found: list[dict[str, Any]]) -> Told:
    return [(item["type"].rpartition(".")[2], item.get("message", "")) for item in found]


def test_the_members_of_a_group_follow_it(exported: list[Any]) -> None:
    def raised() -> None:
        try:
            int("x")
        except ValueError as error:
            raise ExceptionGroup("2 partitions failed", [error, TypeError("no date")]) from KeyError("first")

    found = exceptions(raised, exported)
    assert told(found) == [
        ("ExceptionGroup", "2 partitions failed (2 sub-exceptions)"),
        ("KeyError", "'first'"),
        ("ValueError", "invalid literal for int() with base 10: 'x'"),
        ("TypeError", "no date"),
    ]
    assert found[0]["cause"] == found[1]["id"]
    assert found[2]["stack"][0]["label"] == "raised"
    assert len({item["id"] for item in found}) == 4


def test_groups_in_groups_are_told_level_by_level(exported: list[Any]) -> None:
    def raised() -> None:
        raise BaseExceptionGroup("a", [ExceptionGroup("b", [ValueError("c"), OSError("d")]), KeyError("e")])

    assert [message.partition(" ")[0] for _, message in told(exceptions(raised, exported))] == [
        *("a", "b", "'e'", "c", "d")
    ]


def test_the_tasks_of_a_task_group(exported: list[Any]) -> None:
    async def fail(number: int) -> None:
        raise ValueError(f"part {number}")

    async def together() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(2):
                group.create_task(fail(number))

    found = told(exceptions(lambda: asyncio.run(together()), exported))
    assert found[1:] == [("ValueError", "part 0"), ("ValueError", "part 1")]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ((ValueError("a"), "no exception", KeyError()), [("ValueError", "a"), ("KeyError", "")]),
        ((), []),
    ],
)
def test_a_group_of_another_package(members: tuple[Any, ...], expected: Told, exported: list[Any]) -> None:
    def raised() -> None:
        raise MultiError(*members)

    assert told(exceptions(raised, exported)) == [("MultiError", "several"), *expected]


def test_a_group_that_holds_itself_ends(exported: list[Any]) -> None:
    def raised() -> None:
        error = MultiError()
        error.exceptions = (error, MultiError(error))
        raise error

    assert told(exceptions(raised, exported)) == [("MultiError", "several")] * 2


def test_a_thousand_members_leave_the_group_and_the_first(exported: list[Any]) -> None:
    def raised() -> None:
        raise ExceptionGroup("parts", [ValueError("x" * 5_000)] + [OSError(str(part)) for part in range(999)])

    found = told(exceptions(raised, exported))
    assert found[0] == ("ExceptionGroup", "parts (1000 sub-exceptions)")
    assert [kind for kind, _ in found[1:]] == ["ValueError"] + ["OSError"] * 6


def test_a_note_is_part_of_the_message(exported: list[Any]) -> None:
    def raised() -> None:
        error = ValueError("bad price")
        error.add_note("in row 17")
        raise error

    assert told(exceptions(raised, exported)) == [("ValueError", "bad price\nin row 17")]


def test_a_chain_is_linked_from_the_last_to_the_first(exported: list[Any]) -> None:
    def raised() -> None:
        try:
            try:
                open("/no/such/settings.json")  # noqa: PTH123, SIM115
            except OSError as error:
                raise LookupError("no settings") from error
        except LookupError:
            raise RuntimeError("cannot start")  # noqa: B904 - while handling, without a `from`

    found = exceptions(raised, exported)
    assert [kind for kind, _ in told(found)] == ["RuntimeError", "LookupError", "FileNotFoundError"]
    assert [item.get("cause") for item in found] == [found[1]["id"], found[2]["id"], None]


def test_the_collector_gets_the_same_events(collector: Any) -> None:
    with contextlib.suppress(ExceptionGroup), traced_job(settings=Settings(otlp_endpoint=collector.url)):
        raise ExceptionGroup("g", [ValueError("a"), TypeError("b")])
    (span,) = collector.spans()
    messages = [
        attribute.value.string_value
        for event in span.events
        for attribute in event.attributes
        if attribute.key == "exception.message"
    ]
    assert messages == ["g (2 sub-exceptions)", "a", "b"]
