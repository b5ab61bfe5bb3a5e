# SPDX-License-Identifier: Apache-2.0
"""Files that are no text in UTF-8, or no data at all, told by how they begin."""

from __future__ import annotations

import re
from typing import Final

GZIP: Final = b"\x1f\x8b"
AS_CSV: Final = "save it as CSV UTF-8 (comma delimited) and upload that"
_AS_UTF8: Final = "save it as UTF-8 and upload it again"
_UNPACK: Final = "unpack it and upload the file in it"
_EXPORT: Final = "export it as CSV or JSON lines and upload that"
_MARK: Final = b"\xef\xbb\xbf"
# First bytes -> what it is, and what to do. The longer of two that begin alike comes first.
_FIRST_BYTES: Final = {
    GZIP: "is gzip, and its name does not say so: end the name in .gz and upload it again",
    b"PK\x03\x04": f"is a zip archive: {_UNPACK}",
    b"PK\x05\x06": "is an empty zip archive: upload the file that should be in it",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": f"is a workbook of an old Excel (.xls): {AS_CSV}",
    b"BZh": f"is compressed with bzip2: {_UNPACK}",
    b"\xfd7zXZ\x00": f"is compressed with xz: {_UNPACK}",
    b"\x28\xb5\x2f\xfd": f"is compressed with zstd: {_UNPACK}",
    b"\x04\x22\x4d\x18": f"is compressed with lz4: {_UNPACK}",
    b"7z\xbc\xaf\x27\x1c": f"is a 7z archive: {_UNPACK}",
    b"Rar!\x1a\x07": f"is a rar archive: {_UNPACK}",
    b"PAR1": f"is Parquet: {_EXPORT}",
    b"ORC": f"is ORC: {_EXPORT}",
    b"Obj\x01": f"is Avro: {_EXPORT}",
    b"ARROW1": f"is Arrow: {_EXPORT}",
    b"SQLite format 3\x00": f"is an SQLite database: {_EXPORT}",
    b"%PDF-": "is a PDF document: upload the data that it was made of",
    b"\x89PNG": "is a picture: upload the data that it was made of",
    b"\xff\xd8\xff": "is a picture: upload the data that it was made of",
    b"\xff\xfe\x00\x00": f"is text in UTF-32: {_AS_UTF8}",
    b"\x00\x00\xfe\xff": f"is text in UTF-32: {_AS_UTF8}",
    b"\xff\xfe": f"is text in UTF-16, as Excel's Unicode Text is: {_AS_UTF8}",
    b"\xfe\xff": f"is text in UTF-16: {_AS_UTF8}",
    _MARK + _MARK: f"begins with two byte order marks: {_AS_UTF8}",
    b"version https://git-lfs.github.com/spec/": (
        "is a pointer of Git LFS and not the file itself: run git lfs pull and upload what that brings"
    ),
}
_WORKBOOK: Final = (b"xl/", b"[Content_Types].xml")
_NAMES_BYTES: Final = 64 << 10  # where a workbook's first members are named
_S3_ERROR: Final = re.compile(rb"<Error>\s*<Code>(\w{1,60})</Code>")
_HTML: Final = re.compile(rb"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MARKUP: Final = re.compile(rb"<[A-Za-z!?]")
_SAMPLE_BYTES: Final = 512


def signature(data: bytes) -> str | None:
    """Return what data is and what to do about it, as the end of a sentence; None when it may be text.

    Meant for data that could not be read: a good file may begin with ``PAR1`` or ``<id>``.

    Examples
    --------
    >>> signature(b"PAR1...")
    'is Parquet: export it as CSV or JSON lines and upload that'
    """
    if data.startswith(b"PK\x03\x04") and any(name in data[:_NAMES_BYTES] for name in _WORKBOOK):
        return f"is an Excel workbook (.xlsx): {AS_CSV}"
    for first, sentence in _FIRST_BYTES.items():
        if data.startswith(first):
            return sentence
    return _markup(data.removeprefix(_MARK).lstrip()) or _two_bytes_per_character(data[:_SAMPLE_BYTES])


def _markup(text: bytes) -> str | None:
    if found := _S3_ERROR.search(text[:_SAMPLE_BYTES]):
        return f"is an error that S3 answered, {found[1].decode()}, and not the file: download it again"
    if _HTML.match(text):
        return "is a web page, such as a login or an error, and not the data: download it again"
    return f"is XML: {_EXPORT}" if _MARKUP.match(text) else None


def _two_bytes_per_character(data: bytes) -> str | None:
    """Find UTF-16 without a byte order mark: every other byte of Latin text is zero."""
    zeros = sorted(data[start::2].count(0) for start in (0, 1))
    if zeros[1] * 2 > len(data) // 2 and zeros[0] * 10 < len(data):
        return f"is text in UTF-16 without a byte order mark: {_AS_UTF8}"
    return None
