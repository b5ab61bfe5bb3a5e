# SPDX-License-Identifier: Apache-2.0
"""Logs as JSON lines, so that a search finds a run or a trace, and no object key can forge a line."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """Formats a record, and the fields handed over by `fields`, as one line of ASCII JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. ASCII: a key may hold line separators that only some readers see as such."""
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def fields(**values: object) -> dict[str, object]:
    """Return values as the ``extra`` of a logging call; those that are ``None`` are left out.

    Examples
    --------
    >>> log.info("started", extra=fields(run_id="listings-0123"))
    """
    return {"fields": {name: value for name, value in values.items() if value is not None}}


def _logger() -> logging.Logger:
    logger = logging.getLogger("start_pipeline")
    logger.setLevel(logging.INFO)
    logger.propagate = False  # Lambda's own handler on the root logger would write every line again
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logger.handlers[:] = [handler]
    return logger


log = _logger()
