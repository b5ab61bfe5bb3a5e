# SPDX-License-Identifier: Apache-2.0
"""200 of 200 signals in a tight loop end the job within its budget; the suite of every day sends 20."""

from __future__ import annotations

from typing import Any

from tests.unit.xray_helper.conftest import environment, exported
from tests.unit.xray_helper.lifecycle.test_tracing_lifecycle import end_by_signals

__all__ = ["environment", "exported"]


def test_200_of_200_signals_end_within_the_budget(exported: Any) -> None:
    end_by_signals(200, exported)
