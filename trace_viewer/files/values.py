# SPDX-License-Identifier: Apache-2.0
"""The JSON values of a text: one, one after the other, one a line, or one behind each line's time."""

from __future__ import annotations

import json
import re
from typing import Any

from trace_viewer.files.content import TraceFileError
from trace_viewer.model.json_text import DECODER, parse

_BLANK = re.compile(r"[\s,]*")
_OPENING = re.compile(r"[\[{]")
_OTHER_TEXTS = (
    (r"\s*[\[{(]*'", "is what Python prints of an answer, not JSON: write it with json.dumps"),
    (r"(?:- )?(?:Traces|Id|Duration|LimitExceeded):", "is YAML: run the AWS CLI with --output json"),
    (r"(?:TRACES|SEGMENTS)\t", "is text for people: run the AWS CLI with --output json"),
    (r"[-|+]{9}", "is a table for people: run the AWS CLI with --output json"),
    (
        r"(?:usage|aws: error|\n?An error occurred)",
        "is a message of the AWS CLI: see what it says",
    ),
)


def json_values(text: str) -> tuple[list[Any], list[str]]:
    r"""Return the JSON values of a text, and sentences about the lines that hold none.

    Raises
    ------
    TraceFileError
        If there is none; the message follows the file's name.

    Example
    -------
    >>> json_values('{"format": "json"}\n{"id": "1"}')
    ([{'format': 'json'}, {'id': '1'}], [])
    """
    try:
        return [parse(text)], []
    except json.JSONDecodeError as error:
        if _is_cut_off(text, error):
            raise TraceFileError("ends in the middle of its JSON: it was cut off, write it again") from error
        found = _one_after_the_other(text)
        if found is not None:
            return found, []
        values, left_out = _one_a_line(text)
        if values:
            return values, [_left_out(left_out)] if left_out else []
        raise TraceFileError(_what_it_is(text) or f"is not JSON: {error}") from error
    except ValueError as error:
        raise TraceFileError(f"is JSON that cannot be read: {error}") from error


def _left_out(lines: int) -> str:
    if lines == 1:
        return "A line of the file is no JSON and is ignored."
    return f"{lines:,} lines of the file are no JSON and are ignored."


def _one_after_the_other(text: str) -> list[Any] | None:
    """Return the values where there is nothing else: JSON lines, `jq`'s output, pages one below the other."""
    values, at = [], _end_of_blank(text, 0)
    try:
        while at < len(text):
            value, at = DECODER.raw_decode(text, at)
            values.append(value)
            at = _end_of_blank(text, at)
    except (ValueError, RecursionError):
        return None
    return values


def _end_of_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _one_a_line(text: str) -> tuple[list[Any], int]:
    """Return the values of lines, and how many hold none; the time of a log line stands before its value."""
    values, left_out = [], 0
    for line in filter(str.strip, text.splitlines()):
        opening = _OPENING.search(line)
        try:
            value, _ = DECODER.raw_decode(line, opening.start() if opening else 0)
        except (ValueError, RecursionError):
            left_out += 1
        else:
            values.append(value)
    return (values, left_out) if any(isinstance(value, dict) and value for value in values) else ([], 0)


def _what_it_is(text: str) -> str:
    """Return what to do with a text that other tools print instead of JSON; empty where that is unknown."""
    return next((words for pattern, words in _OTHER_TEXTS if re.match(pattern, text)), "")


def _is_cut_off(text: str, error: json.JSONDecodeError) -> bool:
    at_the_end = error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()) - 1
    return at_the_end and text.lstrip()[:1] in ("{", "[") and not error.msg.startswith("Extra data")
