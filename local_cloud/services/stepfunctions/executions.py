# SPDX-License-Identifier: Apache-2.0
"""Starting an execution twice, stopping one, and a state machine's own time-out."""

from __future__ import annotations

import contextvars
import json
import threading
from typing import Any

from local_cloud.emulator import Response, core, json_response, service
from local_cloud.services.stepfunctions.running import RunningTasks

Request = dict[str, Any]


class Executions:
    """Wraps ministack's operations on executions.

    Parameters
    ----------
    tasks
        The running tasks, to be cancelled when an execution ends early.
    """

    def __init__(self, tasks: RunningTasks) -> None:
        self._tasks = tasks
        self._states = service("stepfunctions")

    def install(self) -> None:
        """Wrap the operations."""
        states = self._states
        self._start, self._stop, self._run = (
            states._start_execution,
            states._stop_execution,
            states._run_execution,
        )
        states._start_execution = self.start
        states._stop_execution = self.stop
        states._run_execution = self.run
        fail = states._fail_execution

        def fail_once(execution: dict[str, Any], error: str, cause: str) -> None:
            if execution["status"] == "RUNNING":  # a stopped execution stays ABORTED
                fail(execution, error, cause)

        states._fail_execution = fail_once

    def start(self, request: Request) -> Response:
        """StartExecution; the same name and input again, while it runs, is the same execution."""
        running = self._same_execution(request)
        if running is not None:
            return json_response({key: running[key] for key in ("executionArn", "startDate")})
        response: Response = self._start(request)
        return response

    def stop(self, request: Request) -> Response:
        """StopExecution; ends what the execution's tasks wait for."""
        response: Response = self._stop(request)
        if response[0] < 400:
            self._tasks.cancel(request["executionArn"])
        return response

    def run(self, execution_arn: str) -> None:
        """Run an execution, within the ``TimeoutSeconds`` of its state machine."""
        execution = self._states._executions.get(execution_arn)
        timeout = self._timeout(execution)
        if timeout is None:
            self._run(execution_arn)
            return
        context = contextvars.copy_context()
        timer = threading.Timer(timeout, context.run, args=(self._time_out, execution))
        timer.daemon = True
        timer.start()
        try:
            self._run(execution_arn)
        finally:
            timer.cancel()

    def _same_execution(self, request: Request) -> dict[str, Any] | None:
        machine_arn = self._states._resolve_state_machine_arn(request.get("stateMachineArn", ""))
        if machine_arn is None or not request.get("name"):
            return None
        prefix = machine_arn.replace(":stateMachine:", ":execution:", 1)
        execution: dict[str, Any] | None = self._states._executions.get(f"{prefix}:{request['name']}")
        if execution is None or execution["status"] != "RUNNING":
            return None
        return execution if execution["input"] == request.get("input", "{}") else None

    def _timeout(self, execution: dict[str, Any] | None) -> float | None:
        machine = self._states._state_machines.get((execution or {}).get("stateMachineArn"))
        try:
            seconds = json.loads(machine["definition"]).get("TimeoutSeconds") if machine else None
        except ValueError:
            return None  # ministack fails the execution for it
        return None if seconds is None else float(seconds)

    def _time_out(self, execution: dict[str, Any]) -> None:
        if execution["status"] != "RUNNING":
            return
        execution.update(status="TIMED_OUT", stopDate=core("responses").now_iso(), error="States.Timeout")
        self._states._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        self._states._emit_execution_status_event(execution)
        self._tasks.cancel(execution["executionArn"])
