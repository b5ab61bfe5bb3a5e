# SPDX-License-Identifier: Apache-2.0
"""The text of a file, whatever wrote it: gzip, byte order marks, PowerShell's UTF-16, standard input."""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from pathlib import Path

STDIN = "-"
MAX_BYTES = 1_000_000_000  # of a file, unpacked: a small gzip must not fill the memory
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the first half of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TraceFileError(ValueError):
    """A file does not hold a trace."""


def read_text(path: str | Path) -> str:
    """Return the text of a file; `-` is standard input.

    Raises
    ------
    TraceFileError
        If it cannot be read, is empty or holds no text; the message follows the file's name.
    """
    try:
        if str(path) == STDIN:
            return _text(_unpacked(sys.stdin.buffer.read()))
        if Path(path).is_dir():
            raise TraceFileError("is a directory: name one file of it")
        return _text(_unpacked(Path(path).read_bytes()))
    except OSError as error:
        raise TraceFileError(f"cannot be read: {error.strerror or error}") from error


def _unpacked(content: bytes) -> bytes:
    if content.startswith(_ZIP):
        raise TraceFileError("is a zip archive: unpack it first")
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            unpacked = stream.read(MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TraceFileError(f"is a damaged gzip file: {error}") from error
    if len(unpacked) > MAX_BYTES:
        raise TraceFileError(f"is larger than {MAX_BYTES // 1_000_000_000} GB unpacked: no trace is")
    return unpacked


def _text(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _unmarked(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TraceFileError(f"is not text in {encoding.upper()}: {error.reason}") from error
    if not text.strip("\0 \t\r\n"):
        raise TraceFileError("is empty: the command that was to write it may have failed")
    return text


def _unmarked(content: bytes) -> str:
    """Return the encoding of JSON without a mark: its first character is ASCII (RFC 4627, section 3)."""
    if content[:1] == b"\0" and content[1:2] != b"\0":
        return "utf-16-be"
    return "utf-16-le" if content[1:2] == b"\0" and content[2:3] != b"\0" else "utf-8"
