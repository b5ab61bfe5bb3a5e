# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from trace_viewer.model.names import short_name
from trace_viewer.model.text import duration, plain


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0ms"),
        (0.00004, "0ms"),
        (0.0093, "9.3ms"),
        (0.00996, "10ms"),
        (0.9994, "999ms"),
        (0.9996, "1.00s"),
        (9.994, "9.99s"),
        (9.996, "10.0s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (3599.4, "59m 59s"),
        (3599.6, "1h 00m"),
        (90000, "25h 00m"),
    ],
)
def test_durations_never_show_sixty_seconds_or_a_thousand_milliseconds(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_text_of_strangers_stays_on_its_line() -> None:
    assert plain("a\nb\tc\x9b2J\u2028d\u200b") == "a b c�2J�d�"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("OtelSolutionStack-IngestionFunctionB3E723CC-A34BBC938013A", "IngestionFunction"),
        ("my-team-stack-ApiHandler5E7490E8-qWeRtY123456", "ApiHandler"),
        ("PipelineStateMachine1814BD05-E7CD9C4C833E7", "PipelineStateMachine"),
        ("orders-api", "orders-api"),
        ("api.example.com", "api.example.com"),
        ("listings-3f9a2c71d8e04b56", "listings-3f9a2c71d8e04b56"),
    ],
)
def test_generated_names_are_shortened_and_no_others(name: str, short: str) -> None:
    assert short_name(name) == short
