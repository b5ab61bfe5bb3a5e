# SPDX-License-Identifier: Apache-2.0
"""The segments that Lambda sends: hooks into ministack's Lambda service.

The header decides (https://docs.aws.amazon.com/lambda/latest/api/API_TracingConfig.html): with
``PassThrough`` a function is traced when the caller was sampled; with ``Active`` Lambda follows a caller's
decision and takes one itself when there is none. All attempts of an asynchronous invocation belong to one
trace.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from local_cloud import emulator
from local_cloud.emulator import wrap
from local_cloud.xray.ids import new_segment_id, new_trace_id
from local_cloud.xray.sampling import Sampler
from local_cloud.xray.segments import calls
from local_cloud.xray.segments.context import calling_with, incoming
from local_cloud.xray.segments.invocations import AsyncEvent, Invocation, throttled_segment
from local_cloud.xray.traces.store import TraceStore
from xray_common.trace_header import TraceHeader

_event: ContextVar[AsyncEvent | None] = ContextVar("local_cloud_xray_event", default=None)
_running: ContextVar[_Running | None] = ContextVar("local_cloud_xray_running", default=None)


@dataclass(frozen=True, kw_only=True)
class _Running:
    """The invocation of this thread: what its function sees, and what is recorded (None: not traced)."""

    header: TraceHeader | None
    invocation: Invocation | None = None


def install(*, store: TraceStore, sampler: Sampler) -> None:
    """Let ministack's Lambda send segments to the store."""
    service, runtime = emulator.service("lambda_svc"), emulator.core("lambda_runtime")
    hooks = _Hooks(store=store, sampler=sampler, service=service)
    wrap(service, "_execute_function", hooks.execute)
    wrap(service, "_execute_function_dispatch", hooks.dispatch)
    wrap(service, "invoke_async_with_retry", hooks.accept_event)
    wrap(service, "_xray_trace_id_for_invocation", lambda _original, _config, _inbound=None: _worker_header())
    for worker in (runtime.Worker, runtime.ProvidedWorker):
        wrap(worker, "_spawn", _timed("initialized"))
        wrap(worker, "invoke", _timed("handled"))


def _worker_header() -> str | None:
    running = _running.get()
    return str(running.header) if running and running.header else None


def _timed(part: Literal["initialized", "handled"]) -> Callable[..., Any]:
    """Return a wrapper that tells the running invocation when a part of it began and ended."""

    def timed(original: Any, *arguments: Any, **options: Any) -> Any:
        running = _running.get()
        started = time.time()
        try:
            return original(*arguments, **options)
        finally:
            if running and running.invocation:
                getattr(running.invocation, part)(started, time.time())

    return timed


class _Hooks:
    """What happens around ministack's own functions."""

    def __init__(self, *, store: TraceStore, sampler: Sampler, service: Any) -> None:
        self._store = store
        self._sampler = sampler
        self._service = service

    def execute(self, original: Any, func: Any, event: Any) -> Any:
        """Run one invocation, or refuse it for want of concurrency: that shows in the trace too."""
        result = original(func, event)
        config = func.get("config") or func
        if self._service._function_config_scope_mismatch(config):
            return result  # ministack called this function again in the right scope, which did the rest
        if isinstance(result, dict) and result.get("throttle"):
            self._throttled(config)
        return result

    def dispatch(
        self, original: Any, func: Any, config: Any, event: Any, request_id: str, started: float
    ) -> dict[str, Any]:
        """Run one invocation and send its segments."""
        accepted = _event.get()
        header = accepted.header if accepted else self._decide(config)
        calls.identify_call(request_id)
        if header is None or not header.sampled:
            with _running_as(_Running(header=header)):
                return _result(original(func, config, event, request_id, started))
        invocation = Invocation(config=config, header=header, request_id=request_id, event=accepted)
        running = _Running(header=invocation.worker_header, invocation=invocation)
        with _running_as(running), calling_with(invocation.worker_header):
            result = _result(original(func, config, event, request_id, started))
        for segment in invocation.finish(result):
            self._store.put_service_segment(segment)
        return result

    def accept_event(self, original: Any, func: Any, event: Any) -> None:
        """Take an event into the queue of asynchronous invocations."""
        config = func.get("config") or func
        accepted = AsyncEvent(header=self._decide(config))
        tokens = _event.set(accepted), calls.current.set(None)
        try:
            original(func, event)  # starts a thread with a copy of this context
        finally:
            accepted.answered = time.time()
            _event.reset(tokens[0])
            calls.current.reset(tokens[1])

    def _throttled(self, config: dict[str, Any]) -> None:
        if _event.get() is not None:
            return  # the event goes back to the queue: that is part of its dwell time
        header = self._decide(config)
        if header is not None and header.sampled:
            self._store.put_service_segment(throttled_segment(config, header))

    def _decide(self, config: dict[str, Any]) -> TraceHeader | None:
        header = incoming()
        active = (config.get("TracingConfig") or {}).get("Mode") == "Active"
        if header is not None and header.sampled is not None:
            return header
        if not active:
            return header
        root = header.trace_id if header else new_trace_id()
        parent = header.parent_id if header else None
        sampled = self._sampler.decide()
        # An unsampled function still gets a whole header, as from Lambda.
        return TraceHeader(
            trace_id=root, parent_id=parent if sampled else parent or new_segment_id(), sampled=sampled
        )


def _result(result: Any) -> dict[str, Any]:
    return result if isinstance(result, dict) else {"body": result}


@contextmanager
def _running_as(running: _Running) -> Iterator[None]:
    # The function's own calls are no attempts of the event that started it.
    tokens = _running.set(running), _event.set(None)
    try:
        yield
    finally:
        _running.reset(tokens[0])
        _event.reset(tokens[1])
