# SPDX-License-Identifier: Apache-2.0
"""The ``cause`` of a failed segment, from what a Lambda function or a state machine reports."""

from __future__ import annotations

import re
from typing import Any

from local_cloud.xray.ids import new_segment_id

MAX_MESSAGE_CHARS = 2048  # keeps a segment far below 64 KB, whatever a function prints
_MAX_FRAMES = 50
_WHERE = {"working_directory": "/var/task"}
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<label>.+)$', re.MULTILINE)
_LAST_LINE = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$", re.DOTALL)
_HEADING = "Traceback (most recent call last):\n"


def cause(*, type: str, message: str, stack: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a cause with one exception."""
    exception: dict[str, Any] = {
        "id": new_segment_id(),
        "type": type,
        "message": message[:MAX_MESSAGE_CHARS],
        "remote": False,
    }
    if stack:
        exception["stack"] = stack[:_MAX_FRAMES]
    return {"exceptions": [exception]}


def error_cause(error: Exception) -> dict[str, Any]:
    """Return the cause of a failed state; ministack's execution errors carry ``error`` and ``cause``."""
    kind, message = getattr(error, "error", type(error).__name__), getattr(error, "cause", error)
    return cause(type=str(kind), message=str(message or ""))


def lambda_cause(result: dict[str, Any]) -> dict[str, Any]:
    """Return the cause of a failed invocation.

    ministack reports one error type for every Python exception and prints the traceback into the log, so
    the type is read from there.
    """
    body = result.get("body")
    report = body if isinstance(body, dict) else {"errorMessage": str(body)}
    kind, message = str(report.get("errorType", "Unknown")), str(report.get("errorMessage", ""))
    _, heading, trace = str(result.get("log", "")).rpartition(_HEADING)
    if not heading:
        return {**_WHERE, **cause(type=kind, message=message)}
    last = _LAST_LINE.match(_after_frames(trace))
    frames = [
        {"path": frame["path"], "line": int(frame["line"]), "label": frame["label"]}
        for frame in _FRAME.finditer(trace)
    ]
    # X-Ray shows the innermost frame first.
    return {**_WHERE, **cause(type=last["type"] if last else kind, message=message, stack=frames[::-1])}


def _after_frames(trace: str) -> str:
    lines = trace.rstrip().splitlines()
    final = [number for number, line in enumerate(lines) if line and not line.startswith((" ", "\t"))]
    return "\n".join(lines[final[0] :]) if final else ""
