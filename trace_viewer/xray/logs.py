# SPDX-License-Identifier: Apache-2.0
"""The log lines of a trace, from CloudWatch Logs, each with the span that wrote it.

The documents name the log groups (`aws.cloudwatch_logs`); for a Lambda function and a state machine, which
name none, their services are asked. Lines are those that hold the trace id or the run's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trace_viewer.model.document import STATE_MACHINE, Node
from trace_viewer.model.json_text import parse
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import Tree
from trace_viewer.xray.session import aws_client, aws_failures, aws_session

EARLIER, LATER = 300, 900  # seconds around the trace: a start before the first segment, a late delivery
_STANDARD = frozenset(
    (
        *("timestamp", "level", "logger", "message", "exception"),
        *("trace_id", "run_id", "correlation_id", "job_name", "step"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One log event.

    Attributes
    ----------
    time
        Seconds since the epoch.
    node
        Id of the span that wrote it, or of the segment that owns the log group.
    exception
        A traceback, of several lines.
    """

    time: float
    node: str
    text: str
    level: str = ""
    exception: str = ""


class Logs:
    """Reader of log lines, with the usual AWS environment.

    Parameters
    ----------
    session
        Makes the clients.
    by_run_id
        Also lines that hold an id of the run, which any sender of a document may name.
    """

    def __init__(self, session: Any = None, *, by_run_id: bool = True) -> None:
        self._by_run_id = by_run_id
        self._session = session or aws_session()
        self.problems: list[str] = []

    def lines(self, trace: Trace) -> list[Line]:
        """Return the lines of a trace in time order; `problems` lists what could not be read.

        Raises
        ------
        XRayError
            If nothing can be asked, for want of a region.
        """
        found: dict[str, Line] = {}
        places = _Places(trace.tree)
        words = sorted({trace.id, *(_run_ids(trace.tree.segments) if self._by_run_id else ())})
        for group, owner in self._groups(trace.tree.segments).items():
            for word in words:
                for event in self._events(group, word, trace):
                    found.setdefault(event["eventId"], _line(event, owner, places))
        return sorted(found.values(), key=lambda line: line.time)

    def _groups(self, segments: Iterable[Node]) -> dict[str, str]:
        """Return log group -> id of the first segment that logs there."""
        groups: dict[str, str] = {}
        for segment in segments:
            arn = str(segment.details.get("resource_arn", ""))
            names = segment.log_groups
            if segment.origin == "AWS::Lambda::Function":
                names.append(self._of_function(arn))
            if segment.origin == STATE_MACHINE:
                names += self._of_machine(arn)
            for name in names:
                groups.setdefault(name, segment.id)
        return groups

    def _of_function(self, arn: str) -> str:
        default = "/aws/lambda/" + arn.rpartition(":function:")[2]
        try:
            settings = aws_client(self._session, "lambda").get_function_configuration(FunctionName=arn)
        except aws_failures() as error:
            self.problems.append(f"Lambda does not say where {arn} logs, {default} is taken: {error}")
            return default
        return str(settings.get("LoggingConfig", {}).get("LogGroup") or default)

    def _of_machine(self, arn: str) -> list[str]:
        try:
            machine = aws_client(self._session, "stepfunctions").describe_state_machine(stateMachineArn=arn)
        except aws_failures() as error:
            self.problems.append(f"Step Functions does not say where {arn} logs: {error}")
            return []
        places = machine.get("loggingConfiguration", {}).get("destinations", [])
        arns = [place.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for place in places]
        return [name.rpartition(":log-group:")[2].removesuffix(":*") for name in arns if name]

    def _events(self, group: str, word: str, trace: Trace) -> Iterator[dict[str, Any]]:
        pages = aws_client(self._session, "logs").get_paginator("filter_log_events")
        try:
            for page in pages.paginate(
                logGroupName=group,
                filterPattern=_phrase(word),
                startTime=max(0, int((trace.tree.start - EARLIER) * 1000)),
                endTime=int((trace.tree.end + LATER) * 1000),
            ):
                yield from page["events"]
        except aws_failures() as error:
            problem = f"The log group {group} cannot be read: {error}"
            if problem not in self.problems:  # asked once for each id
                self.problems.append(problem)


def _phrase(word: str) -> str:
    """Return the pattern of a phrase; a quote in it, from a trace of somebody else, does not end it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _line(event: Mapping[str, Any], owner: str, places: _Places) -> Line:
    text = str(event["message"]).rstrip("\n")
    try:
        fields = parse(text)
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
        node=places.find(fields, owner),
        text=" ".join([str(message), *more]),
        level=str(fields.get("level", "")),
        exception=str(fields.get("exception", "")),
    )


def _of_state_machine(fields: Mapping[str, Any]) -> str:
    details = fields.get("details")
    name = details.get("name") if isinstance(details, dict) else None
    return " ".join(str(part) for part in (fields.get("type"), name) if part)


class _Places:
    """Where lines belong: below the job of a name, in its newest step of a name. Each is looked for once."""

    def __init__(self, tree: Tree) -> None:
        self._jobs: dict[str, list[Node]] = {}
        for segment in tree.segments:
            self._jobs.setdefault(segment.name, []).append(segment)
        self._steps: dict[str, dict[str, str]] = {}

    def find(self, fields: Mapping[str, Any], owner: str) -> str:
        """Return the id of the span of a line; the owner of the log group where no job has the name."""
        jobs = self._jobs.get(str(fields.get("job_name")))
        if not jobs:
            return owner
        job = next((node for node in jobs if node.id == owner), jobs[-1])
        if job.id not in self._steps:
            self._steps[job.id] = {node.name: node.id for node in job.walk()}
        return self._steps[job.id].get(str(fields.get("step")), job.id)


def _run_ids(segments: Iterable[Node]) -> Iterator[str]:
    for segment in segments:
        run_id = segment.annotations.get("run_id")
        execution = str(segment.aws.get("execution_arn", "")).rpartition(":")[2]
        yield from (str(found) for found in (run_id, execution) if found)
