# SPDX-License-Identifier: Apache-2.0
"""Log records as JSON lines: a search finds a run or a trace, and no text in a message can forge a line."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from typing import Any

from xray_common.scrubbing import scrub, scrub_document


class JsonLines(logging.Formatter):
    """Format a record as one line of ASCII JSON without secrets: some readers see more line separators."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time (UTC), level, the fields below, and the traceback where there is one."""
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        line = {
            "timestamp": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            **self.line_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(scrub_document(line), default=_text)

    def line_fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the message and the fields that the caller passed as ``extra``; a subclass adds its own."""
        return {"message": record.getMessage(), **getattr(record, "fields", {})}


def fields(**values: object) -> dict[str, object]:
    """Return values as the ``extra`` of a logging call; each that is not None becomes a field of the line.

    Examples
    --------
    >>> logging.getLogger("load").info("loaded", extra=fields(rows=17))
    """
    return {"fields": {name: value for name, value in values.items() if value is not None}}


def _text(value: object) -> str:
    """Write what JSON cannot; an exception among the fields may have a secret in its text."""
    return scrub(str(value))
