# SPDX-License-Identifier: Apache-2.0
"""The segments that Step Functions sends: hooks into ministack's state machines.

An execution is traced when the caller's header says so, or when there is none and the state machine has
tracing on (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html). The
``X-Amzn-Trace-Id`` header of StartExecution wins over ``traceHeader`` in its body.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from local_cloud import emulator
from local_cloud.emulator import wrap
from local_cloud.xray import calls
from local_cloud.xray.causes import cause, error_cause
from local_cloud.xray.context import calling_with, incoming
from local_cloud.xray.documents import Document
from local_cloud.xray.executions import ExecutionTrace
from local_cloud.xray.ids import TraceHeader, new_trace_id
from local_cloud.xray.sampling import Sampler
from local_cloud.xray.store import TraceStore
from local_cloud.xray.tasks import TaskCall
from local_cloud.xray.tracing_settings import TracingSettings

_STATE_FUNCTIONS = ("task", "pass", "choice", "wait", "parallel", "map")
_CALL_FUNCTIONS = ("_invoke_resource", "_invoke_resource_with_timeout", "_invoke_with_callback")


@dataclass(frozen=True, kw_only=True)
class _Position:
    """Where a thread of a traced execution is: the entity that the next one goes below."""

    trace: ExecutionTrace
    entity: Document
    in_call: bool = False


_start: ContextVar[tuple[TraceHeader | None, float] | None] = ContextVar(
    "local_cloud_xray_start", default=None
)
_position: ContextVar[_Position | None] = ContextVar("local_cloud_xray_position", default=None)


def install(*, store: TraceStore, sampler: Sampler, handlers: dict[str, Any]) -> None:
    """Let ministack's Step Functions send segments to the store.

    Parameters
    ----------
    store
        Where the segments go.
    sampler
        Decides where the caller did not.
    handlers
        ministack's table of service handlers.
    """
    service = emulator.service("stepfunctions")
    settings = TracingSettings.install(service, handlers)
    hooks = _Hooks(store=store, sampler=sampler, service=service, settings=settings)
    wrap(service, "_start_execution", _accept)
    wrap(service, "_start_sync_execution", _accept)
    wrap(service, "_run_execution", hooks.run)
    wrap(service, "_add_event", hooks.add_event)
    wrap(service, "_apply_catcher", _mark_caught)
    for name in _STATE_FUNCTIONS:
        wrap(service, f"_execute_{name}", _run_state)
    for name in _CALL_FUNCTIONS:
        wrap(service, name, _make_call)


def _accept(original: Any, data: dict[str, Any]) -> Any:
    header = incoming() or TraceHeader.parse(data.get("traceHeader"))
    token = _start.set((header, time.time()))
    try:
        return original(data)  # starts a thread with a copy of this context, or runs the execution
    finally:
        _start.reset(token)


class _Hooks:
    """What needs the store."""

    def __init__(
        self, *, store: TraceStore, sampler: Sampler, service: Any, settings: TracingSettings
    ) -> None:
        self._store = store
        self._sampler = sampler
        self._service = service
        self._settings = settings
        self._traces: dict[str, ExecutionTrace] = {}

    def run(self, original: Any, execution_arn: str) -> Any:
        """Run an execution and record it."""
        execution = self._service._executions.get(execution_arn)
        header, accepted = _start.get() or (None, time.time())
        header = self._decide(header, execution)
        tokens = calls.current.set(None), _position.set(None)
        try:
            with calling_with(header):
                if execution is None or header is None or not header.sampled:
                    return original(execution_arn)
                trace = ExecutionTrace(
                    store=self._store, header=header, execution=execution, started=accepted
                )
                return self._recorded(original, execution_arn, trace)
        finally:
            calls.current.reset(tokens[0])
            _position.reset(tokens[1])

    def _recorded(self, original: Any, execution_arn: str, trace: ExecutionTrace) -> Any:
        self._traces[execution_arn] = trace
        _position.set(_Position(trace=trace, entity=trace.segment))
        try:
            return original(execution_arn)
        finally:
            trace.finish()
            self._traces.pop(execution_arn, None)

    def add_event(self, original: Any, execution: dict[str, Any], kind: str, details: Any = None) -> Any:
        """Record the states that no function runs (Succeed, Fail) and the end."""
        event = original(execution, kind, details)
        trace = self._traces.get(execution.get("executionArn", ""))
        if trace is not None:
            entered = (details or {}).get("stateEnteredEventDetails") or {}
            if kind in ("SucceedStateEntered", "FailStateEntered"):
                trace.enter_final_state(str(entered.get("name", kind)))
            elif kind in ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"):
                trace.finish()
        return event

    def _decide(self, header: TraceHeader | None, execution: Any) -> TraceHeader | None:
        if header is not None and header.sampled is not None:
            return header
        if execution is None or (header is None and not self._settings.enabled(execution["stateMachineArn"])):
            return None
        root = header.root if header else new_trace_id()
        return TraceHeader(
            root=root, parent=header.parent if header else None, sampled=self._sampler.decide()
        )


def _run_state(original: Any, state: dict[str, Any], raw_input: Any, *rest: Any) -> Any:
    position = _position.get()
    if position is None or not rest:
        return original(state, raw_input, *rest)
    name = str(rest[-1]["State"]["Name"])  # the last argument is always the context object
    entity = position.trace.open(name, below=position.entity)
    with _at(_Position(trace=position.trace, entity=entity)):
        try:
            return original(state, raw_input, *rest)
        except Exception as error:
            position.trace.fail(entity, error_cause(error))
            raise
        finally:
            position.trace.close(entity)


def _mark_caught(original: Any, catcher: Any, raw_input: Any, ctx: Any, language: Any, error: Any) -> Any:
    """Mark a state whose error a Catch field handles: it failed, though the execution goes on."""
    position = _position.get()
    if position is not None:
        failure = cause(type=str(error.get("Error", "")), message=str(error.get("Cause", "")))
        position.trace.fail(position.entity, failure)
    return original(catcher, raw_input, ctx, language, error)


def _make_call(original: Any, resource: str, *rest: Any) -> Any:
    position = _position.get()
    call = TaskCall.of(resource, rest[0] if rest else None)
    if position is None or position.in_call or call is None:
        return original(resource, *rest)
    call.open(position.trace, position.entity)
    token = calls.current.set(call)
    with _at(_Position(trace=position.trace, entity=call.entity, in_call=True)), calling_with(call.header):
        try:
            answer = original(resource, *rest)
            call.answer(200)
            return answer
        except Exception as error:
            call.fail(error_cause(error))
            raise
        finally:
            calls.current.reset(token)


@contextmanager
def _at(position: _Position) -> Iterator[None]:
    token = _position.set(position)
    try:
        yield
    finally:
        _position.reset(token)
