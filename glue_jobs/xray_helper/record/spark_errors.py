# SPDX-License-Identifier: Apache-2.0
"""What matters in Spark's text about a failure: the first cause, which stands last.

A Java stack lists the exception that was caught first and each "Caused by" behind it, with frames between
them. The first one says that a job was aborted; the last one which value of which file was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from xray_common.scrubbing import scrub

_MAX_CHARS: Final = 500  # of a message
_MAX_AROUND: Final = 200  # of the message that the first cause ended in
_MAX_LINE: Final = 4_000
_MAX_FRAMES: Final = 4  # of one cause, the innermost
_FRAME: Final = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>.+)$')
_PYTHON_ERROR: Final = re.compile(r"^(?P<type>[A-Za-z_][\w.]*): (?P<message>.*)$")
_TYPE: Final = r"(?P<type>(?:[A-Za-z_]\w*\.)+[A-Z][\w$]*)"
_JAVA_ERROR: Final = re.compile(rf"(?:^|: |\): ){_TYPE}: (?P<message>.*)$")
_CAUSE: Final = re.compile(rf"Caused by: {_TYPE}(?:: (?P<message>.*))?$")
_NESTED: Final = re.compile(rf"(?:^|^.*most recent failure: .{{0,500}}?\): ){_TYPE}: (?P<message>.*)$")
_JAVA_FRAME: Final = re.compile(r"\tat (?P<function>[^(]+)\((?P<file>[^():]+)(?::(?P<line>\d+))?\)$")
TRACEBACK: Final = "Traceback (most recent call last):"
SPARKS_OWN: Final = ("/pyspark/", "/pyspark.zip/", "/py4j")  # in the names of its files


@dataclass(frozen=True)
class Failure:
    """What failed: its type, one line, and the user's innermost Python line as ``file:line in function``.

    ``around`` is the message of the exception that it ended in: it may name the file or the step.
    """

    type: str
    message: str
    where: str | None = None
    around: str = ""

    @property
    def text(self) -> str:
        """Message, what is around it, and place in one line."""
        around = f" (in: {self.around})" if self.around else ""
        return self.message + around + (f" ({self.where})" if self.where else "")


@dataclass
class JavaCause:
    """One exception of a Java stack; frames are (file, line, function), innermost first."""

    type: str
    message: str
    frames: list[tuple[str, int, str]] = field(default_factory=list)


def read_failure(reason: str) -> Failure:
    """Read the first cause out of Spark's ``failureReason``, its ``errorMessage`` or a Java stack.

    Examples
    --------
    >>> read_failure('Job aborted: java.io.IOException: disk full').type
    'java.io.IOException'
    """
    python = reason.rfind(TRACEBACK)
    if python >= 0:
        found = _read_traceback(reason[python:].splitlines())
        if found is not None:
            return found
    causes = read_causes(reason)
    if not causes:
        lines = [line.strip() for line in reason.splitlines() if line.strip()] or [""]
        return Failure("SparkException", _cut(lines[0]))
    first = causes[-1]
    message = first.message or (f"at {first.frames[0][2]}" if first.frames else "no message")
    return Failure(first.type, message, around=_cut(_around(causes[:-1]), _MAX_AROUND))


def read_causes(stack: str) -> list[JavaCause]:
    """List the exceptions of a Java stack, the one that was caught first; empty where the text is none."""
    found: list[JavaCause] = []
    lines = [line[:_MAX_LINE].rstrip() for line in stack.splitlines()]
    for place, line in enumerate(lines):
        frame = _JAVA_FRAME.match(line)
        if frame and found and len(found[-1].frames) < _MAX_FRAMES:
            found[-1].frames.append((frame["file"], int(frame["line"] or 0), frame["function"]))
        match = None if frame else _CAUSE.match(line) if found else _JAVA_ERROR.search(line)
        if match:
            kind, message = _innermost(match["type"], match["message"] or "")
            text = " ".join(_whole(message, lines[place + 1 : place + 2])).strip()
            found.append(JavaCause(kind, _cut(text)))
    return _each_once(found)


def _around(causes: list[JavaCause]) -> str:
    """Choose what else to say: the nearest message with an error class, such as ``[FAILED_READ_FILE]``."""
    messages = [cause.message for cause in causes]
    with_class = [message for message in messages if message.startswith("[")]
    sentences = [message for message in messages if message and not message.endswith(":")]
    return (with_class[-1:] or sentences[:1] or [""])[0]


def _each_once(causes: list[JavaCause]) -> list[JavaCause]:
    """Leave out what stands twice (in the driver's stack, too), and the traceback of a Python worker."""
    known = {(cause.type, cause.message): cause for cause in reversed(causes)}
    return [
        cause
        for cause in causes
        if known[cause.type, cause.message] is cause and not cause.message.startswith(TRACEBACK)
    ]


def _innermost(kind: str, message: str) -> tuple[str, str]:
    """Follow a message that is another exception's text, as that of an aborted job."""
    while (nested := _NESTED.match(message)) is not None:
        kind, message = nested["type"], nested["message"]
    return kind, message


def _whole(message: str, following: list[str]) -> Iterator[str]:
    """Yield a message, and the line behind it where it only announces something: "Details:"."""
    yield message
    if message.rstrip().endswith(":") or not message:
        yield from (line for line in following if line and not line.startswith(("\t", "Caused by:")))


def _read_traceback(lines: list[str]) -> Failure | None:
    where = None
    for line in lines[1:]:
        frame = _FRAME.match(line)
        if frame:
            if not any(part in frame["file"] for part in SPARKS_OWN):
                where = f"{frame['file']}:{frame['line']} in {frame['function']}"
        elif line and not line[0].isspace():
            error = _PYTHON_ERROR.match(line)
            name, _, _ = line.partition(":")
            return Failure(error["type"] if error else name, _cut(error["message"] if error else line), where)
    return None


def _cut(text: str, most: int = _MAX_CHARS) -> str:
    """Cut a long text; its secrets first, as half a secret is not recognized."""
    return text if len(text) <= most else scrub(text)[: most - 1] + "…"
