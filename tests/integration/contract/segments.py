# SPDX-License-Identifier: Apache-2.0
"""Holds segment documents against X-Ray's published rules: the schema beside this file, and some more."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft7Validator

_SCHEMA: Final = json.loads(Path(__file__).with_name("segment_document.schema.json").read_text())
_VALIDATOR: Final = Draft7Validator(_SCHEMA)
_NAME_SYMBOLS: Final = set("_.:/%&#=+\\-@")
MAX_DOCUMENT_BYTES: Final = 64 * 1024  # AWS General Reference, "AWS X-Ray quotas": segment document size

Document = dict[str, Any]


def violations(document: Document) -> list[str]:
    """List what X-Ray's documentation does not allow in a document, each with the place where it stands."""
    found = [
        f"{'/'.join(map(str, error.absolute_path)) or 'document'}: {error.message}"
        for error in _VALIDATOR.iter_errors(document)
    ]
    for entity in _walk(document):
        wrong = sorted({letter for letter in str(entity.get("name", "")) if not _may_stand_in_name(letter)})
        if wrong:
            found.append(f"name {entity['name']!r} has {wrong}")
        if float(entity.get("end_time", "inf")) < float(entity.get("start_time", 0)):
            found.append(f"{entity.get('name')!r} ends before it starts")
    size = len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_DOCUMENT_BYTES:
        found.append(f"document has {size} bytes, more than {MAX_DOCUMENT_BYTES}")
    return found


def _walk(entity: Document) -> Iterator[Document]:
    yield entity
    for child in entity.get("subsegments", ()):
        yield from _walk(child)


def _may_stand_in_name(letter: str) -> bool:
    """Letters, numbers, white space, and some symbols: the guide on the field ``name``."""
    return unicodedata.category(letter)[0] in "LNZ" or letter in _NAME_SYMBOLS
