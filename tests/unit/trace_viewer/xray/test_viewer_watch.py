# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import Trace, TraceNotFoundError, XRayError
from trace_viewer.model.document import STATE_MACHINE
from trace_viewer.xray.watch import Watch, is_running, poll

LAMBDA = doc("lambda", 0, 1)
RUNNING = as_trace(LAMBDA, doc("machine", 0.5, None, "lambda", origin=STATE_MACHINE))
DONE = as_trace(LAMBDA, doc("machine", 0.5, 9, "lambda", origin=STATE_MACHINE))


class FakeXRay:
    """Answers in turn, the last answer for ever; keeps the time that `sleep` spends."""

    def __init__(self, *answers: Trace | Exception) -> None:
        self.answers, self.now = list(answers), 0.0

    def fetch(self) -> Trace:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def watch(self, patience: float | None = 120.0) -> Watch:
        return Watch(self.fetch, quiet=10, patience=patience, clock=self.clock)


def test_a_trace_is_over_when_nothing_runs_and_nothing_came_for_a_while() -> None:
    # Given a function that has ended before the state machine it started appears in X-Ray
    xray = FakeXRay(as_trace(LAMBDA), RUNNING, RUNNING, DONE)
    # When it is polled every 4 seconds
    seen = list(poll(xray.watch(), interval=4, sleep=xray.sleep))
    # Then the end comes 12 seconds (the first snapshot after 10) after the last change, at 12
    assert xray.now == 24
    assert [snapshot.is_over for snapshot in seen] == [False] * 6 + [True]
    assert seen[-1].trace == DONE


def test_it_goes_on_while_something_is_in_progress_however_silent() -> None:
    xray = FakeXRay(*[RUNNING] * 500, DONE)
    assert len(list(poll(xray.watch(), interval=4, sleep=xray.sleep))) == 504


def test_a_killed_job_does_not_keep_a_finished_run_open() -> None:
    killed = doc("job", 2, None, "machine")
    ended = doc("machine", 0.5, 9, "lambda", origin=STATE_MACHINE)
    assert not is_running(as_trace(LAMBDA, ended, killed).tree)
    assert is_running(as_trace(LAMBDA, killed).tree)


def test_an_error_in_between_is_a_note_beside_the_last_trace() -> None:
    xray = FakeXRay(RUNNING, XRayError("throttled"), DONE)
    seen = list(poll(xray.watch(), interval=4, sleep=xray.sleep))
    assert (seen[1].trace, seen[1].note) == (RUNNING, "throttled")
    assert seen[2].note == ""


@pytest.mark.parametrize("error", [TraceNotFoundError("no such trace"), XRayError("no network")])
def test_patience_ends(error: Exception) -> None:
    xray = FakeXRay(error)
    with pytest.raises(type(error)):
        list(poll(xray.watch(patience=20), interval=4, sleep=xray.sleep))
    assert xray.now == 20


def test_without_an_end_of_patience_the_first_trace_is_waited_for() -> None:
    xray = FakeXRay(*[TraceNotFoundError("none yet")] * 1000, DONE)
    seen = list(poll(xray.watch(patience=None), interval=4, sleep=xray.sleep))
    assert seen[0].trace is None and seen[0].note == "none yet" and seen[-1].trace == DONE


def test_a_trace_without_segments_is_waited_for() -> None:
    empty: Callable[[], Trace] = lambda: Trace("1-2-3", ())  # noqa: E731
    assert Watch(empty, quiet=0).snapshot().trace is None
