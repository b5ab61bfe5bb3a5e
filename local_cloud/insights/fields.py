# SPDX-License-Identifier: Apache-2.0
"""The fields of a log line: those of CloudWatch, those of its JSON, and those that ``parse`` finds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any


class Record:
    """One line as a query sees it.

    Parameters
    ----------
    public
        ``@message``, ``@logStream`` and so on.
    """

    def __init__(self, public: Mapping[str, Any]) -> None:
        self._public = public
        self._parsed: dict[str, str] = {}
        self._json: dict[str, Any] | None = None

    def get(self, field: str) -> Any:
        """Return a field's value; None where the line has no such field."""
        if field in self._parsed:
            return self._parsed[field]
        return self._public.get(field) if field.startswith("@") else self._discovered().get(field)

    def add(self, fields: Mapping[str, str]) -> None:
        """Add what ``parse`` has found."""
        self._parsed.update(fields)

    def _discovered(self) -> dict[str, Any]:
        """Read the line as JSON, as Insights does by itself."""
        if self._json is None:
            try:
                content = json.loads(str(self._public.get("@message", "")))
            except ValueError:
                content = None
            self._json = content if isinstance(content, dict) else {}
        return self._json


def parse_into(field: str, regex: str) -> Callable[[Record], bool]:
    """Return the stage ``parse field /regex/``: it adds its named groups and lets every line through."""
    pattern = re.compile(regex.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"))

    def parse(record: Record) -> bool:
        found = pattern.search(str(record.get(field) or ""))
        if found:
            record.add({name: value for name, value in found.groupdict().items() if value is not None})
        return True

    return parse
