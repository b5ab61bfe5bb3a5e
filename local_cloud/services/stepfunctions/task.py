# SPDX-License-Identifier: Apache-2.0
"""Task states with a Glue integration: events, Retry, Catch and time-outs as in a recorded history."""

from __future__ import annotations

import json
import threading
from contextvars import ContextVar
from typing import Any

from local_cloud.emulator import service
from local_cloud.services.glue import GlueRuns
from local_cloud.services.stepfunctions import glue_jobs
from local_cloud.services.stepfunctions.retry import retry_delay
from local_cloud.services.stepfunctions.running import RunningTasks, leave_if_ended

State = dict[str, Any]
#: The task, and the seconds it may take, for which a thread makes its AWS call.
_attempting: ContextVar[tuple[GlueTask, float | None]] = ContextVar("local_cloud_glue_task")


def call_glue(resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Make the AWS call of the current task: an entry of ministack's table of integrations."""
    task, timeout = _attempting.get()
    return task._call_glue(parameters, timeout)


class GlueTask:
    """One visit of a state whose resource is ``glue:startJobRun``.

    Parameters
    ----------
    runs
        Where runs are started.
    tasks
        Where the task says how it is cancelled.
    state, state_input
        Definition and input of the state.
    execution, context
        ministack's records of the execution and of its context object.
    """

    def __init__(
        self,
        *,
        runs: GlueRuns,
        tasks: RunningTasks,
        state: State,
        state_input: Any,
        execution: dict[str, Any],
        context: dict[str, Any],
    ) -> None:
        self._states = service("stepfunctions")
        self._runs = runs
        self._tasks = tasks
        self._state = state
        self._input = state_input
        self._execution = execution
        self._context = context
        self._language = self._states._state_query_language(state, context)
        self._resource = {"resourceType": "glue", "resource": state["Resource"].rpartition(":")[2]}

    def execute(self) -> tuple[Any, str | None]:
        """Run attempts until one succeeds or no Retry is left; return output and next state."""
        retries: dict[int, int] = {}
        while True:
            self._context["State"]["RetryCount"] = sum(retries.values())
            try:
                return self._output(self._attempt()), self._states._next_or_end(self._state)
            except self._states._ExecutionError as error:
                leave_if_ended(self._execution)
                self._failed(error)
                retrier, index = self._states._find_matching_retrier(
                    self._state.get("Retry", []), error.error, retries
                )
                if retrier is None:
                    return self._caught(error)
                self._sleep(retry_delay(retrier, retries.get(index, 0)))
                retries[index] = retries.get(index, 0) + 1

    def _attempt(self) -> dict[str, Any]:
        parameters = self._parameters()
        timeout = self._timeout()
        scheduled = {"region": glue_jobs.region(), "parameters": json.dumps(parameters)}
        limit = {} if timeout is None else {"timeoutInSeconds": int(timeout)}
        self._event("TaskScheduled", **scheduled, **limit)
        self._event("TaskStarted")
        token = _attempting.set((self, timeout))
        try:
            # Through ministack's dispatcher, so that whoever watches AWS calls sees this one as well
            result: dict[str, Any] = self._states._invoke_resource(self._state["Resource"], parameters)
        finally:
            _attempting.reset(token)
        self._event("TaskSucceeded", output=json.dumps(result), outputDetails={"truncated": False})
        return result

    def _call_glue(self, parameters: dict[str, Any], timeout: float | None) -> dict[str, Any]:
        run, answer = glue_jobs.start_job_run(self._runs, parameters)
        if not self._state["Resource"].endswith(".sync"):
            return answer
        self._event("TaskSubmitted", output=json.dumps(answer), outputDetails={"truncated": False})
        return glue_jobs.wait_for(
            run, runs=self._runs, tasks=self._tasks, execution=self._execution, timeout=timeout
        )

    def _parameters(self) -> dict[str, Any]:
        states = self._states
        if self._language == "JSONata":
            parameters = states._apply_jsonata_arguments(self._state, self._input, self._context)
        else:
            selected = states._apply_input_path(self._state, self._input, self._context)
            parameters = states._apply_parameters(self._state, selected, self._context)
        return dict(parameters)

    def _timeout(self) -> float | None:
        path = self._state.get("TimeoutSecondsPath")
        if path:
            return float(self._states._resolve_path_or_ctx(path, self._input, self._context))
        seconds = self._state.get("TimeoutSeconds")
        return None if seconds is None else float(seconds)

    def _output(self, result: dict[str, Any]) -> Any:
        states, state = self._states, self._state
        if self._language == "JSONata":
            output = states._apply_jsonata_output(
                state, self._input, self._context, result=result, default=result
            )
            states._apply_state_assign(state, self._input, self._context, result=result)
            return output
        selected = states._apply_result_selector(state, result)
        return states._apply_output_path(
            state, states._apply_result_path(state, self._input, selected), self._context
        )

    def _caught(self, error: Any) -> tuple[Any, str | None]:
        catcher = self._states._find_matching_catcher(self._state.get("Catch", []), error.error)
        if catcher is None:
            raise error
        described = {"Error": error.error, "Cause": error.cause}
        output = self._states._apply_catcher(catcher, self._input, self._context, self._language, described)
        return output, catcher["Next"]

    def _sleep(self, seconds: float) -> None:
        """Wait before a retry, but not longer than the execution lasts."""
        stopped = threading.Event()
        with self._tasks.cancelled_by(self._execution, stopped.set):
            stopped.wait(seconds * self._states._SFN_WAIT_SCALE)
        leave_if_ended(self._execution)

    def _failed(self, error: Any) -> None:
        kind = "TaskTimedOut" if error.error == "States.Timeout" else "TaskFailed"
        self._event(kind, error=error.error, cause=error.cause)

    def _event(self, kind: str, **details: Any) -> None:
        member = f"{kind[0].lower()}{kind[1:]}EventDetails"
        self._states._add_event(self._execution, kind, {member: {**self._resource, **details}})
