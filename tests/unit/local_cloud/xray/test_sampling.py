# SPDX-License-Identifier: Apache-2.0
"""The sampling decision."""

from __future__ import annotations

import pytest

from local_cloud.xray.sampling import SAMPLING_VARIABLE, Sampler, get_sampling_rules


def test_everything_is_traced_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SAMPLING_VARIABLE, raising=False)
    sampler = Sampler(clock=lambda: 0.0, chance=lambda: 0.99)
    assert [sampler.decide() for _ in range(3)] == [True, True, True]


def test_the_rule_of_the_service_takes_one_a_second_and_5_percent_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SAMPLING_VARIABLE, "aws")
    times = iter([10.0, 10.2, 10.4, 11.0, 11.9])
    chances = iter([0.05, 0.0499, 0.5])
    sampler = Sampler(clock=lambda: next(times), chance=lambda: next(chances))
    assert [sampler.decide() for _ in range(5)] == [True, False, True, True, False]
    (record,) = get_sampling_rules({})["SamplingRuleRecords"]
    assert record["SamplingRule"]["FixedRate"] == 0.05
