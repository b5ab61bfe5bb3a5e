# SPDX-License-Identifier: Apache-2.0
"""The AWS call that a Step Functions task is making, for the handler that makes it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Call(Protocol):
    """A call that is being recorded."""

    def identify(self, request_id: str) -> None:
        """Set the call's request id."""

    def answer(self, status: int) -> None:
        """End the call with an HTTP status."""


current: ContextVar[Call | None] = ContextVar("local_cloud_xray_call", default=None)


def identify_call(request_id: str) -> None:
    """Set the request id of the call that the current task makes; does nothing outside a traced task."""
    call = current.get()
    if call is not None:
        call.identify(request_id)


def describe_call(*, request_id: str | None = None, status: int = 200) -> None:
    """Record that the AWS call of the current task was answered; does nothing outside a traced task.

    Parameters
    ----------
    request_id
        Request id of the answer; left out, the call keeps the id that it was given.
    status
        HTTP status of the answer.
    """
    call = current.get()
    if call is not None:
        if request_id:
            call.identify(request_id)
        call.answer(status)
