# SPDX-License-Identifier: Apache-2.0
"""Queries of CloudWatch Logs Insights, against what the user guide says of each command."""

from __future__ import annotations

import json

import pytest

from local_cloud.emulator import ApiError
from local_cloud.services.logs.insights import parse, run
from local_cloud.services.logs.insights.events import discover

LINES = [
    {"kind": "shop", "rows": 3, "who": {"name": "Ada"}},
    {"kind": "shop", "rows": 4.5, "who": {"name": "bob"}},
    {"kind": "store", "rows": 10, "tags": ["x", "y"]},
    {"kind": "other"},
]


def ask(query: str, *messages: str, limit: int = 100) -> list[dict[str, str]]:
    """Run a query over messages, by default `LINES`, one each five minutes from midnight."""
    records = [
        {
            "@ptr": str(index), "@timestamp": f"2026-01-02 00:{index * 5:02}:01.500", "@message": message,
            "@logStream": "stream", "@log": "group",
        }
        for index, message in enumerate(messages or [json.dumps(line) for line in LINES])
    ]  # fmt: skip
    rows = run(parse(query), [discover(record, "123456789012") for record in records]).results(limit)
    return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in rows]


def test_without_a_command_that_shows_time_and_message_come_newest_first() -> None:
    assert ask("limit 2", "old", "new") == [
        {"@timestamp": "2026-01-02 00:05:01.500", "@message": "new"},
        {"@timestamp": "2026-01-02 00:00:01.500", "@message": "old"},
    ]


def test_fields_of_json_are_found_and_missing_ones_have_no_cell() -> None:
    assert ask("fields kind, who.name, tags.1, @log | sort @timestamp asc") == [
        {"kind": "shop", "who.name": "Ada", "@log": "123456789012:group"},
        {"kind": "shop", "who.name": "bob", "@log": "123456789012:group"},
        {"kind": "store", "tags.1": "y", "@log": "123456789012:group"},
        {"kind": "other", "@log": "123456789012:group"},
    ]


def test_computed_fields_can_be_used_by_the_next_commands() -> None:
    query = "fields rows * 2 + 1 as more, toupper(who.name) as name | filter more > 9 | sort more desc"
    assert ask(query) == [{"more": "21"}, {"more": "10", "name": "BOB"}]


def test_display_is_what_is_shown() -> None:
    assert ask("fields kind, rows | filter rows = 3 | display kind") == [{"kind": "shop"}]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("rows > 3", ["4.5", "10"]),
        ("rows > 3 and kind = 'shop'", ["4.5"]),
        ("rows = 3 or rows = 10", ["3", "10"]),
        ("rows = 3 or rows = 10 and kind = 'nothing'", ["3"]),
        ("(rows = 3 or rows = 10) and kind = 'store'", ["10"]),
        ("not kind = 'shop' and ispresent(rows)", ["10"]),
        ("kind like 'sho'", ["3", "4.5"]),
        ("kind like /^s.*e$/", ["10"]),
        ("@message like /(?i)ADA/", ["3"]),
        ("kind not like /o/", []),
        ("kind =~ /^sh/", ["3", "4.5"]),
        ('kind in ["store", "mall"]', ["10"]),
        ("rows not in [3, 10] and rows > 0", ["4.5"]),
        ("strcontains(kind, 'or')", ["10"]),
        ("rows / 2 = 5", ["10"]),
        ("rows % 2 = 1", ["3"]),
        ("-rows < -9", ["10"]),
        ("rows ^ 2 = 9", ["3"]),
        ("coalesce(who.name, 'none') = 'none' and ispresent(rows)", ["10"]),
        ("strlen(trim(concat(' ', kind, ' '))) = 5 and rows > 0", ["10"]),
        ("replace(kind, 'st', 'sh') = 'shore'", ["10"]),
        ("toMillis(@timestamp) >= 1767312601500 and rows > 0", ["10"]),  # 2026-01-02 00:10:01.500 UTC
    ],
)
def test_filter_keeps_what_the_condition_says(condition: str, rows: list[str]) -> None:
    assert [row["rows"] for row in ask(f"fields rows | filter {condition} | sort rows")] == rows


def test_stats_by_groups() -> None:
    assert ask("stats count(*) as n, sum(rows) as all, avg(rows), max(rows) by kind | sort kind") == [
        {"kind": "other", "n": "1", "all": "0"},
        {"kind": "shop", "n": "2", "all": "7.5", "avg(rows)": "3.75", "max(rows)": "4.5"},
        {"kind": "store", "n": "1", "all": "10", "avg(rows)": "10", "max(rows)": "10"},
    ]


def test_stats_over_all_and_of_nothing() -> None:
    over_all = "count(rows) as given, count_distinct(kind) as kinds, min(rows) as least, sum(rows)/count(*)"
    assert ask(f"stats {over_all}") == [
        {"given": "3", "kinds": "3", "least": "3", "sum(rows)/count(*)": "4.375"}
    ]
    assert ask("filter kind = 'none' | stats sum(rows) by kind") == []


def test_stats_by_time() -> None:
    assert ask("stats count(*) as n by bin(10m) as at | sort at") == [
        {"at": "2026-01-02 00:00:00.000", "n": "2"},
        {"at": "2026-01-02 00:10:00.000", "n": "2"},
    ]


def test_sort_is_the_example_of_the_user_guide() -> None:
    """Numbers come last; in other text, runs of digits count by their length first."""
    words = ["!:", "#", "*%04", "0#", "5A", "111A", "2345_", "@", "@_", "A", "A9876fghj", "a12345hfh"]
    order = [*words, "0", "1", "2"]
    found = ask("fields @message | sort @message asc", *reversed(order))
    assert [row["@message"] for row in found] == order
    found = ask("fields @message | sort @message desc", *order)
    assert [row["@message"] for row in found] == order[::-1]


def test_sort_by_two_keys_and_limit_of_the_request() -> None:
    assert ask("fields kind, rows | sort kind desc, rows asc", limit=3) == [
        {"kind": "store", "rows": "10"},
        {"kind": "shop", "rows": "3"},
        {"kind": "shop", "rows": "4.5"},
    ]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("fields @message | pattern @message", "line 1"),
        ("fields @message\n| filter", "line"),
        ("fields moon(@message)", "no function moon"),
        ("filter @message like /(/", "no regular expression"),
    ],
)
def test_what_it_does_not_know_is_refused(query: str, says: str) -> None:
    with pytest.raises(ApiError, match="MalformedQueryException") as refused:
        parse(query)
    assert says in refused.value.message


def test_a_parsed_field_is_there_for_the_commands_behind_it() -> None:
    query = (
        r"parse @message /^run_id=(?<run>[^\/]+)\/task=(?<task>\w+)/"
        " | filter concat(task, ' ', run) = replace('clean r:1', ':', '_') or strcontains(@message, 'whole')"
        " | fields run, task | sort @timestamp asc"
    )
    assert ask(query, "run_id=r_1/task=clean", "run_id=r_2/task=clean", "the whole line") == [
        {"run": "r_1", "task": "clean"},
        {},  # parse leaves no line out
    ]
