# SPDX-License-Identifier: Apache-2.0
"""Stacks as text that the collector reads to the end.

The collector's ``awsxray`` exporter reads Python's own layout from the end, by rules of its own (0.156.0,
exporter/awsxrayexporter/internal/translator/cause.go, ``fillPythonStacktrace``):

- It knows "During handling ..." alone; the frames of ``raise ... from`` end up in one stack with others.
- It takes the second line after the last ``File`` for the headline. Python 3.11 may have marks (``~~^~~``)
  there, and the end of the headline where it knows no line of code.
- It panics over a headline with nothing behind its colon, over one too near to its ``File`` line, and over a
  line that begins like one of a frame but is none. A panic costs all spans of the request, or the process.

So this library writes stacks itself, and makes those of others harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from traceback import TracebackException
from typing import Final

from xray_common.scrubbing import scrub
from xray_helper.record.messages import comes_from_jvm
from xray_helper.record.spark_errors import TRACEBACK, read_causes, read_failure

DURING_HANDLING: Final = "During handling of the above exception, another exception occurred:"
_FILE: Final = "  File "
_WHOLE_FRAME: Final = re.compile(r'  File "[^",][^"]*", line \d+')
_MARKS: Final = re.compile(r"[ \t]*[~^][~^ \t]*")
# A cause without a frame, as in ``raise E from KeyError("x")``, would be lost: the collector needs one.
_NEVER_RAISED: Final = (TRACEBACK, '  File "<never raised>", line 0, in <never raised>', "    ...")
_MOST_CHARACTERS: Final = 1_024  # of the text of an exception that led to another
_QUOTED: Final = "> "  # before a line of a text that looks like one of a stack


def stack_text(told: TracebackException, *, most_frames: int = 32, java: str = "") -> str:
    """Write the stacks of an exception and of those that led to it, ``most_frames`` of each, the innermost.

    The layout is Python's, with four changes: no marks below a line; always a line of code and a colon; no
    text of the last exception, as the span's event has it; and the same words between two exceptions whether
    one was raised ``from`` the other or not, as X-Ray tells no difference.

    The causes in a Java stack, ``java`` or that of an exception which led to the last, are written likewise:
    so the collector reads them, too.
    """
    parts = ["\n".join([*_frames(told, most_frames), f"{_type(told)}: "]), *_java_parts(java)]
    seen = {id(told)}
    while (before := _before(told)) is not None and id(before) not in seen:
        told = before
        seen.add(id(told))
        java = str(told) if comes_from_jvm(told.exc_type) else ""
        text = read_failure(java).text if java else scrub(str(told))[:_MOST_CHARACTERS]
        quoted = "\n".join(map(_quote, text.split("\n")))
        frames = _frames(told, most_frames) if told.stack else _NEVER_RAISED
        parts += ["\n".join([*frames, f"{_type(told)}: {quoted}"]), *_java_parts(java)]
    return f"\n\n{DURING_HANDLING}\n\n".join(reversed(parts))


def harmless(stack: str) -> str:
    """Change what the collector would panic over, and take out the marks of Python 3.11; keep the rest.

    Examples
    --------
    >>> print(harmless("  File x, a, b"))
    >   File x, a, b
    """
    lines = [line for line in stack.split("\n") if not _MARKS.fullmatch(line)]
    frame = -1
    for place, line in enumerate(lines):
        if line.startswith(_FILE):
            if _WHOLE_FRAME.match(line):
                frame = place
            else:
                lines[place] = _QUOTED + line
        elif line.startswith(DURING_HANDLING) and frame >= 0:
            headline = "\n".join(lines[frame + 2 : place - 1])
            if place - frame < 3 or (headline.endswith(":") and headline.count(":") == 1):
                lines[place] = _QUOTED + line
    return "\n".join(lines)


def _before(told: TracebackException) -> TracebackException | None:
    if told.__cause__ is not None:
        return told.__cause__
    return None if told.__suppress_context__ else told.__context__


def _frames(told: TracebackException, most: int) -> Iterator[str]:
    yield TRACEBACK
    for frame in told.stack[-most:]:
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        yield f"    {frame.line or '...'}"


def _java_parts(java: str) -> Iterator[str]:
    for cause in read_causes(java) if java else ():
        frames = cause.frames or [("Unknown Source", 0, "unknown")]
        lines = [f'  File "{file}", line {line}, in {name}\n    ...' for file, line, name in reversed(frames)]
        yield "\n".join([TRACEBACK, *lines, f"{cause.type}: {cause.message}"])


def _type(told: TracebackException) -> str:
    """Name the class as Python's own tracebacks do."""
    kind = told.exc_type
    hidden = kind.__module__ in ("builtins", "__main__")
    return kind.__qualname__ if hidden else f"{kind.__module__}.{kind.__qualname__}"


def _quote(line: str) -> str:
    return _QUOTED + line if line.startswith((_FILE, DURING_HANDLING)) else line
