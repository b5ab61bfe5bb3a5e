# SPDX-License-Identifier: Apache-2.0
"""Java's exceptions as one sentence: what Glue and Step Functions show is the message alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.errors import PySparkException

from transforms.errors import InputError, JobError

MAX_CHARACTERS: Final = 1_000_000  # of one CSV field, or of one JSON record
MAX_LINE_BYTES: Final = 4 * MAX_CHARACTERS  # of one line of packed JSON lines, in UTF-8
MAX_FIELDS: Final = 100_000  # of one CSV record; more is no table
TOO_LONG: Final = "a record is longer than"  # begins the message that our own expressions raise
NOT_JSON: Final = "not one JSON array"  # likewise
LONG_FIELD: Final = "a field is longer than allowed"  # raised in a Python worker
MANY_FIELDS: Final = "a record has more fields than allowed"  # likewise
MAX_MESSAGE: Final = 300  # characters of a foreign message that go into ours
_LIKELY: Final = "most likely it had no memory left, so give it more or upload a smaller file"
_DEPTH: Final = 30  # causes; Spark nests about five

_HAS_LONG_FIELD: Final = (
    f"has a field of more than {MAX_CHARACTERS} characters: look for a quote that is never closed"
)
_HAS_LONG_RECORD: Final = f"has a record of more than {MAX_CHARACTERS} characters"
_HAS_MANY_FIELDS: Final = f"has a record of more than {MAX_FIELDS} fields"
# (end of the class name, part of the message or "", sentence); the innermost cause that fits counts.
_KNOWN: Final = (
    ("TextParsingException", f"in your parser settings ({MAX_LINE_BYTES})", _HAS_LONG_RECORD),
    ("TextParsingException", "exceeds the maximum number of characters", _HAS_LONG_FIELD),
    ("TextParsingException", "ArrayIndexOutOfBounds", _HAS_MANY_FIELDS),
    ("PythonException", LONG_FIELD, _HAS_LONG_FIELD),
    ("PythonException", MANY_FIELDS, _HAS_MANY_FIELDS),
    ("RuntimeException", TOO_LONG, _HAS_LONG_RECORD),
    ("RuntimeException", NOT_JSON,
     "is not one JSON array in UTF-8: it is cut off, or has something else in it"),
    ("FileNotFoundException", "", "does not exist: it was never there, or was deleted before it was read"),
    ("", "PATH_NOT_FOUND", "does not exist: it was never there, or was deleted before it was read"),
    ("", "UNABLE_TO_INFER_SCHEMA", "holds no Parquet files: was it written to the end?"),
    ("AccessDeniedException", "", "may not be read by this job: look at its role and at the object's key"),
    ("OutOfMemoryError", "", "does not fit into a worker's memory: send it as CSV or as .jsonl"),
)  # fmt: skip
_GZIP: Final = (
    ("EOFException", "", "ends in the middle of its gzip data: upload it again"),
    ("ZipException", "", "has broken gzip data: compress it again and upload it"),
    ("DataFormatException", "", "has broken gzip data: compress it again and upload it"),
    ("IOException", "gzip", "has broken gzip data: compress it again and upload it"),
)


@contextmanager
def explained(uri: str, *, compressed: bool = False, reading: bool = True) -> Iterator[None]:
    """Turn what Spark raises in this block into one sentence about the object.

    Parameters
    ----------
    uri
        The object that the block reads or writes.
    compressed
        Whether it is gzip.
    reading
        False while it is written: nothing is the object's own fault then.

    Raises
    ------
    InputError
        When the cause is the object itself.
    JobError
        For every other failure in the JVM, with the cause chained.
    """
    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        failure = _explain(error, uri, (*_KNOWN, *(_GZIP if compressed else ())) if reading else ())
        raise failure from (None if isinstance(failure, InputError) else error)


def _explain(error: Exception, uri: str, known: tuple[tuple[str, str, str], ...]) -> Exception:
    gone = JobError(f"Spark's JVM went away while it worked on {uri}: {_LIKELY}.")
    if _is_silence(error):
        return gone
    try:
        causes = _causes(error)
        name, message = causes[-1] if causes else (type(error).__name__, str(error))
    except (Py4JError, ConnectionError):  # it cannot even be asked what happened
        return gone
    if sentence := _find(causes, known):
        return InputError(f"{uri} {sentence}.")
    return JobError(f"Spark failed on {uri}: {name}: {_first_line(message)}")


def _is_silence(error: Exception) -> bool:
    """Return whether no answer came from the JVM; with an answer Py4J shows Java's trace."""
    silent = type(error) is Py4JError and "Trace:" not in str(error)
    return silent or isinstance(error, Py4JNetworkError | ConnectionError)


def _causes(error: Exception) -> list[tuple[str, str]]:
    """Return class name and message of each cause, outermost first."""
    java: Any = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    found: list[tuple[str, str]] = []
    while java is not None and len(found) < _DEPTH:
        found.append((java.getClass().getSimpleName(), java.getMessage() or ""))
        java = java.getCause()
    return found


def _find(causes: list[tuple[str, str]], known: tuple[tuple[str, str, str], ...]) -> str | None:
    for name, message in reversed(causes):
        for class_name, part, sentence in known:
            if name.endswith(class_name) and part in message:
                return sentence
    return None


def _first_line(message: str) -> str:
    line = next((line for line in message.splitlines() if line.strip()), "no message")
    return line if len(line) <= MAX_MESSAGE else line[: MAX_MESSAGE - 1] + "…"
