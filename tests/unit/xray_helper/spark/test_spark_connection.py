# SPDX-License-Identifier: Apache-2.0
"""The order in which a connection to Spark is closed; ``tests/spark`` has it with a Spark."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest

from xray_helper.spark.session import connection as module
from xray_helper.spark.session.connection import Connection

ENDED_MS, STOPPING_MS = 20_000, 1_500


class Closing(Connection):
    """A connection all of whose parts do nothing."""

    def __init__(self) -> None:
        self._spent_ns = 0

    def __getattr__(self, name: str) -> Any:
        part = MagicMock(name=name)
        setattr(self, name, part)
        return part

    def _describe_job(self) -> None:
        """Nothing is known of this one."""


def test_executors_end_with_the_job_and_not_with_what_stops_watching_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = MagicMock(**{"perf_counter_ns.return_value": 0, "time_ns.return_value": ENDED_MS * 10**6})
    monkeypatch.setattr(module, "time", clock)
    closing = Closing()
    late_ns = (ENDED_MS + STOPPING_MS) * 10**6
    closing._progress = MagicMock(
        **{"stop.side_effect": lambda: clock.configure_mock(**{"time_ns.return_value": late_ns})}
    )
    closing._executors = executors = MagicMock()

    closing.close()

    executors.write.assert_called_once_with(ENDED_MS)
