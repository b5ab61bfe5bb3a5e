# SPDX-License-Identifier: Apache-2.0
"""Saved queries of CloudWatch Logs Insights, below the stack's name in the console. They cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
import aws_cdk.aws_logs as logs
from constructs import Construct

# JSON lines of Python have a blank after the colon, those of AWS and of the collector have none.
ERRORS = (
    r'/(?i)"level": ?"(error|critical|fatal)"| ERROR '
    r'|"type": ?"(Execution|Task)(Failed|TimedOut|Aborted)"|Traceback .most recent call last/'
)


@dataclass(frozen=True)
class Query:
    """A query; ``{{name}}`` in its text is a parameter, which the console asks for."""

    name: str
    text: str
    parameters: tuple[tuple[str, str], ...] = ()  # name, what it is


QUERIES = (
    Query(
        "Everything of one run",
        "fields @timestamp, @log, @message\n"
        "| filter @message like '{{run_id}}'\n"
        "| sort @timestamp asc\n"
        "| limit 10000",
        (("run_id", "Name of the execution, or the trace id, or the caller's correlation id"),),
    ),
    Query(
        "One job of one run",
        "fields @timestamp, level, step, message, @message\n"
        '| filter @message like \'"job_name": "{{job_name}}"\'\n'
        # In quotation marks, as the value of correlation_id, run_id or trace_id; a plain text and no pattern,
        # for ids of callers hold signs such as +.
        "| filter @message like '\"{{correlation_id}}\"'\n"
        "| sort @timestamp asc\n"
        "| limit 10000",
        (
            ("job_name", "clean-job or process-job"),
            ("correlation_id", "The caller's id of the run, or the run or trace id"),
        ),
    ),
    Query(
        "Errors",
        # Of the last day: a saved query has no time of its own, the console's 1d is it.
        "fields @timestamp, @log, @message\n"
        f"| filter @message like {ERRORS}\n"
        "| sort @timestamp desc\n"
        "| limit 1000",
    ),
    Query(
        "Rejected rows",
        "fields @timestamp, run_id, reason, rows\n"
        '| filter @message like /"message": "rows rejected"/\n'
        "| stats sum(rows) as rejected by reason, run_id\n"
        "| sort rejected desc",
    ),
)


class Queries(Construct):
    """Each of some queries over each of some log groups."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        log_groups: Sequence[logs.ILogGroup],
        queries: Sequence[Query] = QUERIES,
    ) -> None:
        super().__init__(scope, id_)
        stack = cdk.Stack.of(self)
        for query in queries:
            logs.CfnQueryDefinition(
                self,
                query.name.title().replace(" ", ""),
                name=f"{stack.stack_name}/{query.name}",
                query_string=query.text,
                log_group_names=[group.log_group_name for group in log_groups],
                parameters=[
                    logs.CfnQueryDefinition.QueryParameterProperty(name=name, description=meaning)
                    for name, meaning in query.parameters
                ]
                or None,
            )
