# SPDX-License-Identifier: Apache-2.0
"""Log events: the output of a process line by line while it runs, and an id for each event."""

from __future__ import annotations

import contextvars
import threading
import time
import uuid
from collections.abc import Callable
from typing import IO, Any

from local_cloud.emulator import service, wrap

_MAX_KEPT = 1_000_000  # characters of a process's output, kept for an error message


def install() -> None:
    """Give every event an id, as FilterLogEvents has it; ministack gives none to the lines of functions."""
    wrap(service("cloudwatch_logs"), "_append_log_events", _with_ids)


def _with_ids(append: Callable[..., None], stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
    for event in events:
        event.setdefault("eventId", str(uuid.uuid4()))
    append(stream, events)


class LogStream:
    """Copies one pipe of a process into a log stream, in a thread of its own.

    Parameters
    ----------
    pipe
        What the process writes.
    place
        Group and stream; None keeps the text alone.
    """

    def __init__(self, *, pipe: IO[bytes], place: tuple[str, str] | None) -> None:
        self._kept: list[str] = []
        self._size = 0
        context = contextvars.copy_context()  # holds the account and the region, which threads do not inherit
        self._thread = threading.Thread(
            target=context.run, args=(self._copy, pipe, place), daemon=True, name=f"log {place}"
        )
        self._thread.start()

    def text(self) -> str:
        """Wait for the pipe's end and return what came through it."""
        self._thread.join()
        return "\n".join(self._kept)

    def _copy(self, pipe: IO[bytes], place: tuple[str, str] | None) -> None:
        for line in pipe:
            text = line.decode(errors="replace").rstrip("\n")
            self._keep(text)
            if place:
                write(*place, text)

    def _keep(self, text: str) -> None:
        self._kept.append(text)
        self._size += len(text)
        while self._size > _MAX_KEPT:  # the end matters: it holds the exception
            self._size -= len(self._kept.pop(0))


def write(group: str, stream: str, message: str) -> None:
    """Append one event, making group and stream where they are missing."""
    logs = service("cloudwatch_logs")
    if group not in logs._log_groups:
        logs._create_log_group({"logGroupName": group})
    streams = logs._log_groups[group]["streams"]
    if stream not in streams:
        logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    event = {"timestamp": int(time.time() * 1000), "message": message or " "}
    logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": [event]})
