# SPDX-License-Identifier: Apache-2.0
"""Simulations that are small enough to know their outcome; every upload and every span is counted once."""

from __future__ import annotations

import pytest

from tests.nightly.scale import figures
from tests.nightly.scale.deployment import Deployment
from tests.nightly.scale.uploads import poisson, simulate


def test_one_upload() -> None:
    outcome = simulate(Deployment(), [7.0])
    assert outcome.runs == {"succeeded": 1}
    assert outcome.spans == {"collector": 2 * 42}
    assert (outcome.started_s, outcome.waited_s) == ([figures.FUNCTION_S.value], [0.0])
    assert 180 < outcome.last_s - 8 < 310  # two jobs of two minutes, a quarter more or less, and the delivery


def test_runs_wait_for_each_other() -> None:
    outcome = simulate(Deployment(concurrent_runs=1), [0.0, 0.0])
    first, second = outcome.waited_s
    assert first == 0
    assert 90 <= second <= 160


def test_a_run_that_waits_longer_than_its_state_may_is_timed_out() -> None:
    outcome = simulate(Deployment(concurrent_runs=1), [0.0] * 200)
    assert outcome.runs.total() == 200
    assert outcome.runs["succeeded"] == pytest.approx(figures.STATE_TIMEOUT_S / 120, rel=0.1)
    assert outcome.runs["timed_out"] == 200 - outcome.runs["succeeded"]
    assert max(outcome.waited_s) <= figures.STATE_TIMEOUT_S - 120


def test_jobs_that_wait_hold_nothing_of_the_account_s() -> None:
    outcome = simulate(Deployment(concurrent_runs=5, account_runs=10), [0.0] * 100)
    alone = simulate(Deployment(concurrent_runs=5, account_runs=1_000), [0.0] * 100)
    assert outcome.last_s == alone.last_s


def test_a_full_start_bucket_sends_events_round_again_and_loses_none() -> None:
    free = Deployment(concurrent_runs=10_000, account_runs=1e6, account_dpu=1e6, collector_tasks=0)
    outcome = simulate(free, [0.0] * 3_000)
    assert outcome.retried_events > 0
    assert outcome.runs == {"succeeded": 3_000}
    assert max(outcome.started_s) > 60  # Lambda's first pause


def test_more_than_lambda_s_retries_bear_ends_in_the_dead_letter_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Deployment, "start_bucket", (1, 0.001))
    outcome = simulate(Deployment(sampling=0), [0.0] * 10)
    assert outcome.runs == {"succeeded": 1, "dead_letter": 9}
    assert outcome.retried_events == 9 * figures.LAMBDA_RETRIES


def test_without_addresses_a_run_is_tried_for_an_hour_and_fails() -> None:
    outcome = simulate(Deployment(workers=17_000, account_dpu=1e6), [0.0])
    assert outcome.runs == {"no_address": 1}
    assert outcome.last_s > figures.ADDRESS_WAITS * figures.ADDRESS_PAUSE_S


def test_addresses_come_back_an_hour_behind_the_run() -> None:
    # The first upload's two jobs take 12,000; a third such job finds none until the hour is over.
    outcome = simulate(Deployment(workers=6_000, account_dpu=1e6), [0.0, 1_000.0])
    assert outcome.runs == {"succeeded": 2}
    assert outcome.waited_s[1] > figures.ADDRESS_S.value - 1_000


def test_spans_that_the_collector_cannot_take_in_time_go_to_x_ray_and_then_into_files() -> None:
    heavy = Deployment(concurrent_runs=1_000, account_runs=1e6, account_dpu=1e6, share_bytes=800_000)
    outcome = simulate(heavy, [0.0] * 300)  # 842 spans a job, 300 jobs within a minute: 4,200 a second
    assert min(outcome.spans[way] for way in ("collector", "x-ray", "file")) > 0
    assert outcome.spans.total() == 300 * 2 * heavy.spans_of_job


def test_x_ray_takes_no_more_than_its_rate() -> None:
    heavy = Deployment(
        concurrent_runs=1_000, account_runs=1e6, account_dpu=1e6, collector_tasks=0, share_bytes=800_000
    )
    outcome = simulate(heavy, [0.0] * 300)
    seconds = outcome.last_s
    assert sum(outcome.segments.values()) == outcome.spans["x-ray"]
    assert outcome.spans["x-ray"] <= 2_600 * (seconds + 1)
    assert outcome.peak_segments <= 2 * 2_600  # a full bucket and what comes in that second


def test_sampled_out_runs_send_nothing() -> None:
    outcome = simulate(Deployment(sampling=0), [0.0] * 10)
    assert outcome.spans.total() == 0
    assert outcome.runs == {"succeeded": 10}


def test_uploads_come_at_the_rate_that_was_asked_for() -> None:
    times = poisson(5_000, per_hour=10_000)
    assert times == sorted(times)
    assert times[-1] == pytest.approx(1_800, rel=0.1)
