# SPDX-License-Identifier: Apache-2.0
"""Queries of CloudWatch Logs Insights; ministack itself reads the simple ones only.

What the grammar in ``query.lark`` does not have is refused with a MalformedQueryException, and not left out.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedInput, VisitError

from local_cloud.emulator import ApiError, Response, core, error_response, service
from local_cloud.services.logs.insights import definitions
from local_cloud.services.logs.insights.commands import DEFAULT_LIMIT, Command, Commands, Rows
from local_cloud.services.logs.insights.events import discover
from local_cloud.services.logs.insights.expressions import refuse
from local_cloud.services.logs.insights.values import Event


def install() -> None:
    """Let StartQuery run the whole query, and keep saved ones."""
    definitions.install()
    logs = service("cloudwatch_logs")
    start = logs._start_query

    def start_query(data: dict[str, Any]) -> Response:
        try:
            commands = parse(data.get("queryString", ""))
        except ApiError as error:
            return error_response(error)
        answer: Response = start({**data, "queryString": ""})  # knows the log groups, keeps the query
        if answer[0] < 400:
            stored = logs._queries[json.loads(answer[2])["queryId"]]
            names = logs._resolve_query_log_groups(data)
            records = logs._collect_query_records(names, stored["startTime"], stored["endTime"])
            account = core("responses").get_account_id()
            rows = run(commands, [discover(record, account) for record in records])
            stored["queryString"] = data.get("queryString", "")
            stored["results"] = rows.results(min(data.get("limit") or DEFAULT_LIMIT, DEFAULT_LIMIT))
            stored["statistics"]["recordsMatched"] = float(rows.matched)
        return answer

    logs._start_query = start_query


def parse(query: str) -> list[Command]:
    """Return the commands of a query.

    Raises
    ------
    ApiError
        It has something that the service, or this stand-in for it, does not know.
    """
    try:
        commands: list[Command] = Commands(query).transform(_grammar().parse(query))
    except UnexpectedInput as error:
        place = error.get_context(query, span=20).splitlines()[0]
        raise refuse(f"The query cannot be read at line {error.line}: {place}") from error
    except VisitError as error:
        if isinstance(error.orig_exc, ApiError):
            raise error.orig_exc from error
        raise
    return commands


def run(commands: list[Command], events: list[Event]) -> Rows:
    """Run the commands over log events, oldest first."""
    rows = Rows(events, matched=len(events))
    for command in commands:
        command(rows)
    return rows


@cache
def _grammar() -> Lark:
    text = (Path(__file__).parent / "query.lark").read_text(encoding="utf-8")
    return Lark(text, start="query", parser="lalr", propagate_positions=True, maybe_placeholders=True)
