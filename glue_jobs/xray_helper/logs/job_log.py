# SPDX-License-Identifier: Apache-2.0
"""The log lines of one job: its start, its steps, its end, and what it writes itself."""

from __future__ import annotations

import logging
from typing import Final

from xray_common.json_lines import fields
from xray_common.trace_header import parse_trace_header
from xray_helper.error_boundary import LOGGER, ErrorBoundary
from xray_helper.logs import correlation
from xray_helper.record.failures import is_failure
from xray_helper.record.messages import message_of
from xray_helper.settings import Settings

_NS_PER_S: Final = 1_000_000_000


class JobLog:
    """Made with the job; does nothing unless log correlation is asked for."""

    def __init__(self, *, settings: Settings, errors: ErrorBoundary) -> None:
        self._settings = settings
        self._errors = errors
        self._fields: dict[str, str] | None = None

    @property
    def is_on(self) -> bool:
        """Whether lines are JSON with ids: between ``start`` and ``stop``."""
        return self._fields is not None

    def start(self) -> None:
        """Begin the lines; the ids known so far are those of the arguments."""
        settings = self._settings
        if not settings.log_correlation:
            return
        with self._errors("starting the log lines"):
            header = parse_trace_header(settings.trace_header)
            self._fields = correlation.start(
                trace_id=header.trace_id if header else None,
                run_id=settings.run_id,
                correlation_id=settings.correlation_id,
                job_name=settings.job_name,
                caller=settings.caller,
            )

    def started(self, trace_id: str | None) -> None:
        """Write the first line; the job may have started a trace of its own."""
        if self._fields is None:
            return
        if trace_id is not None:
            self._fields["trace_id"] = trace_id
        if "trace_id" in self._fields:
            self._fields.setdefault("correlation_id", self._fields["trace_id"])
        self.write("Job started")

    def join_run(self, run_id: str) -> None:
        """Set the run that the job is a part of."""
        if self._fields is not None:
            self._fields["run_id"] = run_id

    def write(self, message: str, level: int = logging.INFO, **values: object) -> None:
        """Write one line; where lines are not JSON, the values stand behind the message."""
        with self._errors("writing a log line"):
            shown = "" if self.is_on else "".join(f" {name}={value}" for name, value in values.items())
            LOGGER.log(level, "%s", message + shown, extra=fields(**values))

    def ended(self, what: str, *, start_ns: int, end_ns: int, error: BaseException | None) -> None:
        """Write how a step or the job ended."""
        if self._fields is None:
            return
        seconds = round((end_ns - start_ns) / _NS_PER_S, 3)
        if error is None or not is_failure(error):
            self.write(f"{what} over", seconds=seconds)
            return
        # Without the stack: Python prints it, and whoever looks for this run's error looks for the last one.
        kind, text = type(error).__name__, message_of(error)
        self.write(f"{what} failed", logging.ERROR, seconds=seconds, error_type=kind, error=text)

    def stop(self) -> None:
        """Leave logging as it was."""
        if self._fields is not None:
            with self._errors("ending the log lines"):
                correlation.stop(self._fields)
            self._fields = None
