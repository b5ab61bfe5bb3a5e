# SPDX-License-Identifier: Apache-2.0
"""The commands of a query; each takes the rows of the one before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lark import Token, v_args

from local_cloud.services.logs.insights.expressions import Expression, Expressions, compiled
from local_cloud.services.logs.insights.values import Event, Value, sort_key, text

DEFAULT_LIMIT = 10_000  # rows, "limit", Amazon CloudWatch Logs User Guide
_SHOWN_BY_DEFAULT = ["@timestamp", "@message"]
_GROUPED = "stats"


@dataclass
class Rows:
    """What a command hands to the next one."""

    events: list[Event]
    shown: list[str] = field(default_factory=list)  # columns; none: what the console shows
    matched: int = 0  # log events that passed the filters
    done: set[str] = field(default_factory=set)  # the commands so far

    def results(self, limit: int) -> list[list[dict[str, str]]]:
        """Write the rows as GetQueryResults returns them; a missing value has no cell."""
        events = self.events
        if not self.done & {"sort", _GROUPED}:
            events = sorted(events, key=lambda event: text(event["@timestamp"]), reverse=True)
        columns = self.shown or _SHOWN_BY_DEFAULT
        columns = columns if _GROUPED in self.done else [*columns, "@ptr"]
        return [
            [{"field": name, "value": text(event[name])} for name in columns if event.get(name) is not None]
            for event in events[:limit]
        ]


Command = Callable[[Rows], None]
Item = tuple[str, Expression]  # name of the column, its value


@v_args(inline=True)
class Commands(Expressions):
    """Turns a query's tree into its commands."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source

    @v_args(meta=True, inline=True)
    def item(self, meta: Any, value: Expression, name: Token | None) -> Item:
        return (name or self._source[meta.start_pos : meta.end_pos]).strip("`"), value

    def items(self, *items: Item) -> list[Item]:
        return list(items)

    def key(self, value: Expression, direction: Token | None) -> tuple[Expression, bool]:
        return value, bool(direction) and str(direction).lower() == "desc"

    def fields(self, items: list[Item]) -> Command:
        def run(rows: Rows) -> None:
            rows.events = [event | _computed(items, event, []) for event in rows.events]
            rows.shown += [name for name, _ in items if name not in rows.shown]

        return run

    def display(self, items: list[Item]) -> Command:
        compute = self.fields(items)

        def run(rows: Rows) -> None:
            rows.shown = []
            compute(rows)

        return run

    def filter(self, condition: Expression) -> Command:
        def run(rows: Rows) -> None:
            rows.events = [event for event in rows.events if condition(event, [])]
            rows.matched = rows.matched if _GROUPED in rows.done else len(rows.events)

        return run

    def parse(self, name: Token, pattern: Token) -> Command:
        found = compiled(pattern[1:-1].replace("(?<", "(?P<"))  # named groups, as Python writes them

        def run(rows: Rows) -> None:
            for event in rows.events:
                match = found.search(text(event.get(name.strip("`"))))
                event.update(match.groupdict() if match else {})  # a line that does not match stays

        return run

    def stats(self, items: list[Item], by: list[Item] | None) -> Command:
        def run(rows: Rows) -> None:
            groups: dict[tuple[Value, ...], list[Event]] = {}
            for event in rows.events:
                key = _computed(by or [], event, [])
                if None not in key.values():  # an event without the field is in no group
                    groups.setdefault(tuple(key.values()), []).append(event)
            rows.events = [
                _computed(by or [], group[0], []) | _computed(items, group[0], group)
                for group in groups.values()
            ]
            rows.shown = [name for name, _ in [*(by or []), *items]]
            rows.done.add(_GROUPED)

        return run

    def sort(self, *keys: tuple[Expression, bool]) -> Command:
        def run(rows: Rows) -> None:
            for value, descending in reversed(keys):
                rows.events.sort(key=lambda event: sort_key(value(event, [])), reverse=descending)
            rows.done.add("sort")

        return run

    def limit(self, count: Token) -> Command:
        def run(rows: Rows) -> None:
            rows.events = rows.events[: int(count)]

        return run

    def query(self, *commands: Command) -> list[Command]:
        return list(commands)


def _computed(items: list[Item], event: Event, group: list[Event]) -> Event:
    return {name: value(event, group) for name, value in items}
