# SPDX-License-Identifier: Apache-2.0
"""The ``ErrorMessage`` of a failed run, worded as Glue 5 words it.

Glue prints ``Error Category: <category>; Failed Line Number: <line>; <Exception>: <message>`` where the line
is one of the job's own script. Only the categories that a script's exception decides are told apart here.
"""

from __future__ import annotations

import re

_MAX_CHARACTERS = 2000
_CATEGORIES = {
    "ImportError": "IMPORT_ERROR",
    "ModuleNotFoundError": "IMPORT_ERROR",
    "SyntaxError": "SYNTAX_ERROR",
    "AnalysisException": "QUERY_ERROR",
    "ParseException": "QUERY_ERROR",
    "IllegalArgumentException": "INVALID_ARGUMENT_ERROR",
    "OutOfMemoryError": "OUT_OF_MEMORY_ERROR",
}
_HEADER = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$", re.DOTALL)


def error_message(output: str, *, script_name: str, exit_code: int) -> str:
    r"""Return the message for what a failed script wrote.

    Parameters
    ----------
    output
        What the driver's Python wrote to its standard output and error.
    script_name
        File name of the script, for the line number.
    exit_code
        Exit code of the driver, for a script that ended without an exception.

    Examples
    --------
    >>> error_message("Traceback (most recent call last):\n  File \"/t/job.py\", line 7, in <module>\n"
    ...               "transforms.errors.SchemaError: price is missing", script_name="job.py", exit_code=1)
    'Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 7; SchemaError: price is missing'
    """
    _, found, traceback = output.rpartition(_HEADER)
    if not found:
        return f"Command failed with exit code {exit_code}"
    frames = re.findall(rf'File "[^"\n]*{re.escape(script_name)}", line (\d+)', traceback)
    exception = _exception(traceback)
    name, _, _ = exception.partition(":")
    parts = [f"Error Category: {_CATEGORIES.get(name, 'UNCLASSIFIED_ERROR')}"]
    if frames:
        parts.append(f"Failed Line Number: {frames[-1]}")
    return "; ".join([*parts, exception])[:_MAX_CHARACTERS]


def _exception(traceback: str) -> str:
    """Return ``Name: message`` from the first line behind the stack, without the name's module."""
    lines = traceback.strip("\n").split("\n")
    start = next((index for index, line in enumerate(lines) if line and not line.startswith(" ")), None)
    if start is None:
        return traceback.strip()
    text = "\n".join(_message_lines(lines[start:]))
    match = _EXCEPTION.match(text)
    if match is None:
        return text
    name, message = match["name"].rpartition(".")[2], (match["message"] or "").strip()
    if name == "Py4JJavaError":  # "An error occurred while calling o12.parquet.\n: org.apache.x.Y: <message>"
        call, _, cause = message.partition("\n: ")
        return f"{call} {cause.partition(': ')[2]}".strip()
    return f"{name}: {message}" if message else name


def _message_lines(lines: list[str]) -> list[str]:
    """Return the lines of an exception's message: up to a blank line or a Java stack."""
    ends = (
        index
        for index, line in enumerate(lines)
        if index > 0 and (not line.strip() or line.startswith(("\tat ", "JVM stacktrace")))
    )
    return lines[: next(ends, len(lines))]
