# SPDX-License-Identifier: Apache-2.0
"""Log lines that find their run: JSON, with the ids of the trace, the run, the job and the step.

Asked for with ``--log_correlation on``. Then a job that sets up no logging of its own writes each record as
one JSON line to stdout, and whatever it sets up before or after stays as it is: the lines below come from
Python's handler of last resort (``logging.lastResort``), which steps back as soon as there is another.

A job with handlers of its own gets the same lines with one more::

    handler.setFormatter(JsonLines())
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

from xray_common import json_lines
from xray_helper.context.places import current_step
from xray_helper.error_boundary import LOGGER

_lock: Final = threading.Lock()
_running: Final[list[dict[str, str]]] = []  # the fields of each job under way; the last one's count
_before: Final[list[tuple[logging.Handler | None, int, bool]]] = []  # what stop() restores; at most one


class JsonLines(json_lines.JsonLines):
    r"""Format a record as one line of ASCII JSON, with the ids of the job that is running.

    Examples
    --------
    >>> import json
    >>> record = logging.LogRecord("load", logging.INFO, "load.py", 1, "read %d rows", (3,), None)
    >>> json.loads(JsonLines().format(record))["message"]
    'read 3 rows'
    """

    def line_fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the logger's name, message and fields, and the ids, which no field of a caller replaces."""
        return {"logger": record.name, **super().line_fields(record), **log_fields()}


def log_fields() -> dict[str, str]:
    """Return the ids that a line written here and now carries; none outside of a job."""
    if not _running:
        return {}
    step = current_step()
    return {**_running[-1], **({"step": step.name} if step else {})}


def start(**known: str | None) -> dict[str, str]:
    """Begin a job's lines with these ids; return them, to be added to, and for ``stop``."""
    own = {name: value for name, value in known.items() if value is not None}
    with _lock:
        if not _running:
            _before.append((logging.lastResort, LOGGER.level, LOGGER.propagate))
            handler = _handler()
            logging.lastResort = handler  # the documentation calls it an attribute to be set
            # The lines of this library come as JSON whatever the job has set up.
            LOGGER.addHandler(handler)
            LOGGER.propagate = False
            if LOGGER.level == logging.NOTSET:
                LOGGER.setLevel(logging.INFO)
        _running.append(own)
    return own


def stop(own: Mapping[str, str]) -> None:
    """End a job's lines; the last one leaves logging as ``start`` found it."""
    with _lock:
        _running[:] = [known for known in _running if known is not own]
        if _running or not _before:
            return
        last_resort, level, propagate = _before.pop()
        handler = logging.lastResort
        if handler in LOGGER.handlers:
            LOGGER.removeHandler(handler)
        logging.lastResort = last_resort
        LOGGER.level, LOGGER.propagate = level, propagate


def adopt(known: Mapping[str, str]) -> None:
    """Take a job's ids over in another process, in place of those that it had."""
    if _running and _running[-1] == known:
        return
    while _running:
        stop(_running[-1])
    start(**known)


class _Stdout(logging.StreamHandler):  # type: ignore[type-arg]  # Python 3.10 cannot subscript it
    """Writes to what ``sys.stdout`` is at that moment, as ``print`` does."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)


def _handler() -> logging.Handler:
    handler = _Stdout(sys.stdout)
    handler.setFormatter(JsonLines())
    return handler
