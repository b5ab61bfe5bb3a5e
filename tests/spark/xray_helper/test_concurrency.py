# SPDX-License-Identifier: Apache-2.0
"""Threads, streams and the user's local properties; ``test_truth`` compares each job with the event log."""

from __future__ import annotations

import pytest

from tests.spark.xray_helper.concurrent_pipelines import DESCRIPTION, GROUP, HAS_TAGS
from tests.spark.xray_helper.event_log import EventLog
from tests.spark.xray_helper.traces import Trace

Traces = dict[str, Trace]
WORDS = "my own words ünï 🚚"


@pytest.mark.parametrize(
    ("pipeline", "steps"),
    [
        ("handed_to_threads", {"First": 9, "Second": 9}),
        ("steps_of_threads", {"Outer": 6, "Table 0": 1, "Table 1": 1, "Table 2": 1}),
        ("thread_that_outlives_its_step", {"Begins": 2, "Goes on": 1}),
        ("tasks_and_generators", {"A": 3, "B": 3, "Generator": 2, "Outer": 2}),
    ],
)
def test_a_step_counts_what_it_has_run_anywhere(traces: Traces, pipeline: str, steps: dict[str, int]) -> None:
    spans = traces[pipeline].steps
    assert {name: spans[name]["attributes"].get("spark.executions") for name in steps} == steps


def test_no_tag_is_left_on_a_thread_of_a_pool(traces: Traces, log: EventLog) -> None:
    trace = traces["handed_to_threads"]
    outside = [
        log.job_starts[number]["Properties"] for number in trace.spark_jobs if log.step_of(number) == "job"
    ]

    assert outside
    for properties in outside:
        assert "xray-" not in str(properties.get("spark.job.tags")) + str(properties.get(GROUP))
        assert properties.get(DESCRIPTION) is None


def test_the_users_properties_stay_as_they_are(traces: Traces) -> None:
    facts = traces["users_properties"].facts
    mine = {GROUP: "mine", DESCRIPTION: WORDS}

    assert facts["seen"] == (mine if HAS_TAGS else mine | {DESCRIPTION: f"{WORDS} (Inside, step 1)"})
    assert facts["between"] == mine
    assert facts["after"] == mine | {DESCRIPTION: "other words"}
    assert facts["free"][DESCRIPTION] == "Free (step 4)"
    assert facts["end"] == {GROUP: None, DESCRIPTION: None}
    assert facts["jobs of the group"] > 0


def test_the_users_words_are_in_the_trace(traces: Traces) -> None:
    trace = traces["users_properties"]
    said = {
        trace.step_of(span): (
            span["attributes"].get("spark.job.description"),
            span["attributes"].get("spark.job.group"),
        )
        for span in trace.actions
    }

    assert said["Inside"] == (WORDS, "mine")
    assert said["Words inside" if HAS_TAGS else "job"] == ("other words", "mine")
    assert said["Free"] == (None, None)


def test_a_cancelled_group_is_cancelled(traces: Traces) -> None:
    trace = traces["cancelled_group"]
    (failed,) = (span for span in trace.spark_jobs.values() if span["status"] == "ERROR")

    assert "cancelled" in failed["exceptions"][0]["exception.message"]
    assert trace.step_of(failed) == "Cancelled"
    assert failed["attributes"]["spark.job.description"] == "to be cancelled"


def test_an_execution_without_a_job_belongs_to_its_step_under_the_users_words(traces: Traces) -> None:
    trace = traces["users_properties"]
    silent = [span for span in trace.executions.values() if not span["attributes"]["spark.sql.jobs"]]

    assert silent
    assert {trace.step_of(span) for span in silent} == {"Inside"}


def test_what_a_stream_runs_hangs_below_the_step_that_started_it(traces: Traces) -> None:
    trace = traces["stream_of_batches"]
    above = {name: trace.parent(span)["name"] for name, span in trace.steps.items()}
    steps = [trace.step_of(span) for span in trace.executions.values()]

    assert trace.facts == {}
    assert above == {"Data": "job", "Stream": "job", "Batch 0": "Stream", "Second": "job", "Third": "job"}
    assert set(steps) == {"Data", "Stream", "Batch 0", "Second", "Third"}


def test_a_stream_needs_no_python_for_it(traces: Traces) -> None:
    trace = traces["stream_without_python"]

    assert {trace.step_of(span) for span in trace.spark_jobs.values()} == {"Stream", "Other"}
    assert {trace.step_of(span) for span in trace.executions.values()} == {"Stream", "Other"}
