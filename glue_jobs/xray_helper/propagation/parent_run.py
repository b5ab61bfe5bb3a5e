# SPDX-License-Identifier: Apache-2.0
"""The run that a job shares with other jobs: that of a Glue workflow, or an execution of a state machine.

Nobody hands these jobs a trace header. Each of them makes the same trace id, and the same segment above
itself, out of what all of them know: the id of the run, and when it began.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from xray_common.ids import trace_id_from_digest
from xray_common.trace_header import TraceHeader
from xray_helper.clients import aws_client
from xray_helper.error_boundary import LOGGER, run_bounded
from xray_helper.settings import Settings

_ASK_SECONDS: Final = 5.0
_ATTEMPTS: Final = 2
# X-Ray takes ids that are up to 30 days old. One run of an hour in 168 meets the end of its window, and
# then makes two traces.
_WINDOW_S: Final = 7 * 24 * 3600


@dataclass(frozen=True)
class ParentRun:
    """A run that starts jobs.

    Attributes
    ----------
    name
        Of the workflow or the state machine.
    id
        Of the run; the same for all its jobs, and no other run's.
    start_s
        When it began, epoch seconds; None when this job cannot learn it.
    """

    name: str
    id: str
    start_s: float | None

    @property
    def header(self) -> TraceHeader:
        """The trace of the run, below its segment; below none when it has none.

        The id is what an expression of Step Functions can make as well: the start, and the first 24 digits of
        the SHA-256 of the run's id. Without a start the id gets a time that changes once in seven days.

        Examples
        --------
        >>> print(ParentRun("nightly", "wr_1", 1465510284.5).header)
        Root=1-5759e98c-f0d2f593c863207d7d65462f;Parent=693b282380faad64;Sampled=1
        """
        start = _window_start(self._digest) if self.start_s is None else self.start_s
        parent = None if self.start_s is None else self._digest[24:40]
        return TraceHeader(trace_id_from_digest(start, self._digest), parent_id=parent, sampled=True)

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.id.encode()).hexdigest()


def find_parent_run(settings: Settings) -> ParentRun | None:
    """Return the run that started this job with others; asks Glue when it began, for five seconds at most.

    That takes ``glue:GetWorkflowRun``. Without an answer the jobs still share a trace, but its id tells a
    wrong time and it has no segment of the workflow's.
    """
    if settings.workflow_run_id:
        name = settings.workflow_name or settings.workflow_run_id
        return ParentRun(name, settings.workflow_run_id, _ask_glue(settings))
    if settings.execution_id:
        return ParentRun(
            _state_machine(settings.execution_id), settings.execution_id, _seconds(settings.execution_start)
        )
    return None


def _ask_glue(settings: Settings) -> float | None:
    """Ask when a workflow's run began, epoch seconds."""
    reasons = ["no answer in time"]
    found: list[float] = []
    try:
        client = aws_client("glue")  # not within the time: a small machine takes seconds to import botocore
    except Exception as error:  # no region, no botocore
        reasons.append(f"{type(error).__name__}: {error}")
    else:
        deadline = time.monotonic() + _ASK_SECONDS

        def ask() -> None:
            while not found and time.monotonic() < deadline and len(reasons) <= _ATTEMPTS:
                try:
                    found.append(_started_on(client, settings))
                except Exception as error:  # botocore makes its exception types at run time
                    reasons.append(f"{type(error).__name__}: {error}")

        run_bounded(ask, seconds=_ASK_SECONDS, name="xray-workflow")
    if not found:
        LOGGER.warning(
            "The start of workflow run %s is unknown (%s): the id of its trace tells a wrong time; "
            "allow the job's role glue:GetWorkflowRun.",
            settings.workflow_run_id,
            reasons[-1],
        )
    return found[0] if found else None


def _started_on(client: Any, settings: Settings) -> float:
    answer: Any = client.get_workflow_run(Name=settings.workflow_name, RunId=settings.workflow_run_id)
    started: datetime = answer["Run"]["StartedOn"]
    return started.timestamp()


def _state_machine(execution_id: str) -> str:
    """Read the name out of ``arn:aws:states:<region>:<account>:execution:<state machine>:<execution>``."""
    parts = execution_id.split(":")
    return parts[6] if len(parts) > 7 else execution_id


def _seconds(timestamp: str | None) -> float | None:
    """Read a time as Step Functions writes it; None for what is none.

    Examples
    --------
    >>> _seconds("2016-06-09T22:11:20.500Z")
    1465510280.5
    >>> _seconds("today") is None
    True
    """
    try:
        read = datetime.fromisoformat((timestamp or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).timestamp()


def _window_start(digest: str) -> int:
    """Return when the present window of a run's id began: each id has windows of its own."""
    shift = int(digest[40:48], 16) % _WINDOW_S
    return int((time.time() - shift) // _WINDOW_S) * _WINDOW_S + shift
