# SPDX-License-Identifier: Apache-2.0
"""The one line that matters in Spark's text about a failure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MAX_CHARS: Final = 500  # of a message
_FRAME: Final = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>.+)$')
_PYTHON_ERROR: Final = re.compile(r"^(?P<type>[A-Za-z_][\w.]*): (?P<message>.*)$")
_JAVA_ERROR: Final = re.compile(r"(?:^|: |\): )(?P<type>(?:[a-z_]\w*\.)+[A-Z][\w$]*): (?P<message>.*)$")
_TRACEBACK: Final = "Traceback (most recent call last):"
_SPARKS_OWN: Final = ("/pyspark/", "/pyspark.zip/", "/py4j")


@dataclass(frozen=True)
class Failure:
    """What failed: its type, one line, and the user's innermost Python line as ``file:line in function``."""

    type: str
    message: str
    where: str | None = None

    @property
    def text(self) -> str:
        """Message and place in one line."""
        return f"{self.message} ({self.where})" if self.where else self.message


def read_failure(reason: str) -> Failure:
    """Read Spark's ``failureReason`` or ``errorMessage``.

    Examples
    --------
    >>> read_failure('Job aborted: java.io.IOException: disk full').type
    'java.io.IOException'
    """
    python = reason.rfind(_TRACEBACK)
    if python >= 0:
        found = _read_traceback(reason[python:].splitlines())
        if found is not None:
            return found
    lines = [line.strip() for line in reason.splitlines() if line.strip()] or [""]
    java = next((match for match in map(_JAVA_ERROR.search, lines) if match), None)
    if java is not None:
        return Failure(java["type"], _cut(java["message"] or lines[0]))
    return Failure("SparkException", _cut(lines[0]))


def _read_traceback(lines: list[str]) -> Failure | None:
    where = None
    for line in lines[1:]:
        frame = _FRAME.match(line)
        if frame:
            if not any(part in frame["file"] for part in _SPARKS_OWN):
                where = f"{frame['file']}:{frame['line']} in {frame['function']}"
        elif line and not line[0].isspace():
            error = _PYTHON_ERROR.match(line)
            name, _, _ = line.partition(":")
            return Failure(error["type"] if error else name, _cut(error["message"] if error else line), where)
    return None


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_CHARS else text[: _MAX_CHARS - 1] + "…"
