# SPDX-License-Identifier: Apache-2.0
"""CloudWatch Logs Insights through its API."""

from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError

from tests.unit.local_cloud.services.logs.test_logs_insights import LINES
from tests.waiting import Client


def test_through_the_api(aws: Client) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="insights")
    logs.create_log_stream(logGroupName="insights", logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + index, "message": json.dumps(line)} for index, line in enumerate(LINES)]
    logs.put_log_events(logGroupName="insights", logStreamName="s", logEvents=events)
    span = {"logGroupName": "insights", "startTime": now // 1000 - 60, "endTime": now // 1000 + 60}

    started = logs.start_query(**span, queryString="filter rows > 0 | stats sum(rows) as rows by kind")
    answer = logs.get_query_results(queryId=started["queryId"])
    assert answer["status"] == "Complete"
    assert answer["statistics"]["recordsMatched"] == 3.0
    assert {tuple(cell["value"] for cell in row) for row in answer["results"]} == {
        ("shop", "7.5"), ("store", "10"),
    }  # fmt: skip
    found = logs.get_query_results(
        queryId=logs.start_query(**span, queryString="filter rows = 10")["queryId"]
    )
    (pointer,) = [cell["value"] for cell in found["results"][0] if cell["field"] == "@ptr"]
    assert json.loads(logs.get_log_record(logRecordPointer=pointer)["logRecord"]["@message"]) == LINES[2]
    with pytest.raises(ClientError, match="MalformedQuery"):
        logs.start_query(**span, queryString="| stats")


def test_saved_queries_are_kept_listed_and_removed(aws: Client) -> None:
    logs = aws("logs")
    text = {"queryString": "stats count(*)", "logGroupNames": ["g"]}
    made = [logs.put_query_definition(name=f"mine/{name}", **text)["queryDefinitionId"] for name in "ba"]
    changed = logs.put_query_definition(queryDefinitionId=made[0], name="mine/b", queryString="limit 1")
    assert changed["queryDefinitionId"] == made[0]
    first = logs.describe_query_definitions(queryDefinitionNamePrefix="mine/", maxResults=1)
    rest = logs.describe_query_definitions(queryDefinitionNamePrefix="mine/", nextToken=first["nextToken"])
    shown = [*first["queryDefinitions"], *rest["queryDefinitions"]]
    assert [(one["name"], one["queryString"]) for one in shown] == [
        ("mine/a", "stats count(*)"), ("mine/b", "limit 1"),
    ]  # fmt: skip
    assert "nextToken" not in rest
    for key in made:
        assert logs.delete_query_definition(queryDefinitionId=key)["success"] is True
    assert logs.describe_query_definitions(queryDefinitionNamePrefix="mine/")["queryDefinitions"] == []
    with pytest.raises(ClientError, match="ResourceNotFound"):
        logs.delete_query_definition(queryDefinitionId=made[0])
