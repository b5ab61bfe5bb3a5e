# SPDX-License-Identifier: Apache-2.0
"""What an exception says, in the words of whoever has to mend it.

PySpark's say "An error occurred while calling o148.collectToPython." and the whole Java stack behind it. Here
they say what the first cause says, and which line of the user's own script was running.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from xray_helper.record.spark_errors import SPARKS_OWN, read_failure

_JVM: Final = ("py4j", "pyspark")  # packages whose exceptions come from the JVM
# This one, as stack frames name it: byte code in a zip was compiled elsewhere.
_PACKAGE: Final = str(Path((lambda: None).__code__.co_filename).parents[1])
_NOT_THE_USERS: Final = (*SPARKS_OWN, f"{_PACKAGE}/", "<frozen ")
_INSTALLED: Final = ("/site-packages/", "/dist-packages/", "/lib/python3")
_MOST_LINKS: Final = 10  # of a chain
_SAME_CHARACTERS: Final = 80  # two texts of a failure that begin alike are of the same one
_Frame = tuple[str, int, str]  # file, line, function


def comes_from_jvm(kind: type[BaseException]) -> bool:
    """Return whether an exception of this class carries a Java stack."""
    return kind.__module__.partition(".")[0] in _JVM


def message_of(error: BaseException) -> str:
    """Return the text of an exception and its notes (Python 3.11); one that has none fails nothing.

    Examples
    --------
    >>> message_of(KeyError("price"))
    "'price'"
    """
    text = str(traceback.TracebackException.from_exception(error, lookup_lines=False, limit=0))
    if comes_from_jvm(type(error)):
        text = _first_cause(error, text) + (f", at {line}" if (line := user_line(error)) else "")
    return "\n".join([text, *map(str, getattr(error, "__notes__", None) or ())])


def java_stack(error: BaseException) -> str:
    """Return the Java stack of an exception, which PySpark keeps beside its text or in it."""
    known: Any = getattr(error, "_stackTrace", None) or getattr(error, "stackTrace", None)
    return known if isinstance(known, str) else str(error)


def user_line(error: BaseException) -> str | None:
    """Return the innermost line of the user's own code, ``file:line in function``; None: there is none.

    Of an exception that came from the JVM it is the line that called PySpark. Spark 4.1 hangs the frames of a
    Python function, which ran in a worker, below the driver's own (``pyspark.errors.exceptions.tblib``).
    """
    frames = [
        (frame.f_code.co_filename, line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    if comes_from_jvm(type(error)):
        frames = _up_to_pyspark(frames)
    others = [frame for frame in frames if not any(part in frame[0] for part in _NOT_THE_USERS)]
    own = [frame for frame in others if not any(part in frame[0] for part in _INSTALLED)]
    for file, line, function in reversed(own or others):
        return f"{file}:{line} in {function}"
    return None


def _up_to_pyspark(frames: list[_Frame]) -> list[_Frame]:
    """Leave out what is below the last frame of PySpark's; a stack without any stays."""
    last = max((place for place, frame in enumerate(frames) if _is_sparks(frame[0])), default=len(frames))
    return frames[:last]


def _is_sparks(file: str) -> bool:
    return any(part in file for part in SPARKS_OWN)


@dataclass(frozen=True)
class JvmFailure:
    """An exception that came from the JVM: what it says, its Java stack, and the user's line."""

    message: str
    stack: str
    line: str

    def described(self, error: tuple[str, str]) -> tuple[str, str] | None:
        """Add to type and message of what failed below what only this one knows; None: something else failed.

        That is the user's line, and the first cause where Spark's records have the last exception alone
        (Spark 4.1: ``[FAILED_READ_FILE]``).
        """
        kind, text = error
        beginning, first = text[:_SAME_CHARACTERS], read_failure(self.stack)
        if beginning not in self.message and beginning not in self.stack:
            return None
        if beginning in self.stack and not first.text.startswith(beginning):
            kind, text = first.type, first.text
        return kind, f"{text}, at {self.line}"


def jvm_failures(error: BaseException) -> Iterator[JvmFailure]:
    """Yield each exception of a chain that came from the JVM."""
    link: BaseException | None = error
    for _ in range(_MOST_LINKS):
        if link is None:
            return
        if comes_from_jvm(type(link)) and (line := user_line(link)):
            yield JvmFailure(message_of(link), java_stack(link), line)
        link = link.__cause__ or link.__context__


def _first_cause(error: BaseException, text: str) -> str:
    """Return the first cause in one line; PySpark's own sentence where that says as much."""
    sentence = next((line.strip() for line in text.splitlines() if line.strip()), "")
    failure = read_failure(java_stack(error))
    return sentence.rstrip(";") if failure.message in sentence else f"{failure.type}: {failure.text}"
