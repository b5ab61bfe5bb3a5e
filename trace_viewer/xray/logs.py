# SPDX-License-Identifier: Apache-2.0
"""The log lines of a trace, from CloudWatch Logs, under the spans that wrote them.

The documents name the log groups (`aws.cloudwatch_logs`); for a Lambda function and a state machine, which
name none, their services are asked. Lines are those that hold the trace id or the run's id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from trace_viewer.model.document import Node
from trace_viewer.model.trace import Trace

EARLIER, LATER = 300, 900  # seconds around the trace: a start before the first segment, a late delivery
_FAILURES = (BotoCoreError, ClientError)
_STANDARD = (
    "timestamp",
    "level",
    "logger",
    "message",
    "trace_id",
    "run_id",
    "correlation_id",
    "job_name",
    "step",
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One log event.

    Attributes
    ----------
    time
        Seconds since the epoch.
    node
        Id of the span that wrote it, as far as its fields say.
    """

    time: float
    node: str
    text: str
    level: str = ""


class Logs:
    """Asks the services with the usual AWS environment.

    Parameters
    ----------
    session
        Makes the clients.
    """

    def __init__(self, session: Any = None) -> None:
        self._session = session or boto3.Session()
        self.problems: list[str] = []

    def lines(self, trace: Trace) -> list[Line]:
        """Return the lines of a trace in time order; what could not be read is told in ``problems``."""
        documents = [json.loads(text) for _, text in trace.segments]
        found: dict[str, Line] = {}
        words = sorted({trace.id, *_run_ids(documents)})
        for group, owner in self._groups(documents).items():
            for word in words:
                for event in self._events(group, word, trace):
                    found.setdefault(event["eventId"], _line(event, owner, trace))
        return sorted(found.values(), key=lambda line: line.time)

    def _groups(self, documents: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Log group -> id of the segment that it belongs to."""
        groups: dict[str, str] = {}
        for document in documents:
            aws = document.get("aws") or {}
            for entry in aws.get("cloudwatch_logs") or ():
                groups.setdefault(entry["log_group"], document["id"])
            arn = str(document.get("resource_arn", ""))
            if document.get("origin") == "AWS::Lambda::Function":
                groups.setdefault(self._of_function(arn), document["id"])
            if document.get("origin") == "AWS::StepFunctions::StateMachine":
                groups |= {name: document["id"] for name in self._of_machine(arn) if name not in groups}
        return groups

    def _of_function(self, arn: str) -> str:
        usual = "/aws/lambda/" + arn.rpartition(":function:")[2]
        try:
            settings = self._session.client("lambda").get_function_configuration(FunctionName=arn)
        except _FAILURES as error:
            self.problems.append(f"Lambda does not say where {arn} logs, {usual} is taken: {error}")
            return usual
        return str(settings.get("LoggingConfig", {}).get("LogGroup") or usual)

    def _of_machine(self, arn: str) -> list[str]:
        try:
            machine = self._session.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        except _FAILURES as error:
            self.problems.append(f"Step Functions does not say where {arn} logs: {error}")
            return []
        places = machine.get("loggingConfiguration", {}).get("destinations", [])
        arns = [place.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for place in places]
        return [name.rpartition(":log-group:")[2].removesuffix(":*") for name in arns if name]

    def _events(self, group: str, word: str, trace: Trace) -> Iterator[dict[str, Any]]:
        pages = self._session.client("logs").get_paginator("filter_log_events")
        try:
            for page in pages.paginate(
                logGroupName=group,
                filterPattern=f'"{word}"',
                startTime=int((trace.tree.start - EARLIER) * 1000),
                endTime=int((trace.tree.end + LATER) * 1000),
            ):
                yield from page["events"]
        except _FAILURES as error:
            problem = f"The log group {group} cannot be read: {error}"
            if problem not in self.problems:  # asked once for each id
                self.problems.append(problem)


def render_logs(trace: Trace, lines: Iterable[Line]) -> str:
    """Write the lines in time order below their spans, spans in the order of the tree.

    Example
    -------
    >>> print(render_logs(trace, Logs().lines(trace)))  # doctest: +SKIP
    """
    by_node: dict[str, list[Line]] = {}
    for line in lines:
        by_node.setdefault(line.node, []).append(line)
    written: list[str] = []
    for node in _in_order(trace.tree.root, *trace.tree.orphans):
        own = by_node.get(node.id)
        if own:
            written.append(_path(node))
            written += [f"  {_clock(line.time)} {line.level:<7} {line.text}" for line in own]
    return "\n".join(written) or "No log line has the id of this trace or of its run."


def _line(event: Mapping[str, Any], owner: str, trace: Trace) -> Line:
    text = str(event["message"]).rstrip("\n")
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return Line(time=event["timestamp"] / 1000, node=owner, text=text)
    message = fields.get("message") or _of_state_machine(fields) or text
    more = [
        f"{name}={value}" for name, value in fields.items() if name not in _STANDARD and "message" in fields
    ]
    return Line(
        time=event["timestamp"] / 1000,
        node=_node(fields, owner, trace),
        text=" ".join([str(message), *more]),
        level=str(fields.get("level", "")),
    )


def _of_state_machine(fields: Mapping[str, Any]) -> str:
    details = fields.get("details")
    name = details.get("name") if isinstance(details, dict) else None
    return " ".join(str(part) for part in (fields.get("type"), name) if part)


def _node(fields: Mapping[str, Any], owner: str, trace: Trace) -> str:
    """Find the span of a line: the newest step of that name below the job of that name."""
    jobs = [node for node in trace.tree.nodes if node.is_segment and node.name == fields.get("job_name")]
    if not jobs:
        return owner
    job = next((node for node in jobs if node.id == owner), jobs[-1])
    steps = [node for node in _in_order(job) if node.name == fields.get("step")]
    return (steps or [job])[-1].id


def _run_ids(documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for document in documents:
        run_id = (document.get("annotations") or {}).get("run_id")
        execution = str((document.get("aws") or {}).get("execution_arn", "")).rpartition(":")[2]
        yield from (str(found) for found in (run_id, execution) if found)


def _in_order(*nodes: Node) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _in_order(*node.children)


def _path(node: Node) -> str:
    segment = node.segment
    return segment.name if segment is node else f"{segment.name} > {node.name}"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S.%f")[:-3]
