# SPDX-License-Identifier: Apache-2.0
"""The bars of running jobs: Spark's task counts from the logs, in the terminal and on the page."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from rich.console import Console

from local_cloud import LocalCloud
from tests.unit.trace_viewer.documents import TRACE_ID, as_trace, doc
from trace_viewer import Trace, render_html
from trace_viewer.model.progress import Progress, Tasks, describe, jobs
from trace_viewer.rendering.live.server import live_page
from trace_viewer.rendering.live.terminal import draw, follow
from trace_viewer.xray.task_log import TaskLog
from trace_viewer.xray.watch import Snapshot, Watch

NOW = time.time()
GROUP = "/aws-glue/jobs/clean-job/output"


def running(*groups: str) -> Trace:
    logs = {"cloudwatch_logs": [{"log_group": group} for group in groups]}
    read = doc("Read", NOW, NOW + 1)
    fix = doc("Fix", NOW + 1, None)
    return as_trace(
        doc("machine", NOW, None), doc("clean", NOW, None, "machine", subsegments=[read, fix], aws=logs)
    )


@pytest.fixture(scope="module")
def session() -> Iterator[boto3.Session]:
    with pytest.MonkeyPatch.context() as patch, LocalCloud() as cloud:
        for name, value in cloud.environment.items():
            patch.setenv(name, value)
        yield boto3.Session()


@pytest.fixture
def write(session: boto3.Session) -> Any:
    """Write lines into a log group of its own, one a millisecond."""
    logs = session.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="run")
    written: list[int] = []

    def write(*lines: object) -> None:
        events = []
        for line in lines:
            written.append(1)
            message = line if isinstance(line, str) else json.dumps(line)
            events.append({"timestamp": int(NOW * 1000) + 1000 + len(written), "message": message})
        logs.put_log_events(logGroupName=GROUP, logStreamName="run", logEvents=events)

    yield write
    logs.delete_log_group(logGroupName=GROUP)


def line(done: int, total: int, **more: object) -> dict[str, object]:
    return {
        "message": "Spark tasks", "trace_id": TRACE_ID, "job_name": "clean", "step": "Fix",
        "tasks_done": done, "tasks_total": total, **more,
    }  # fmt: skip


def test_the_newest_line_of_the_job_counts(session: boto3.Session, write: Any) -> None:
    log = TaskLog(session)
    assert log(running(GROUP)) == {}
    write("text", line(1, 8), {"trace_id": TRACE_ID, "message": "tasks_total"}, line(3, 8))
    write(line(9, 9, trace_id="1-0-0"), line(9, 9, job_name="other"), f"tasks_total {TRACE_ID}")
    assert log(running(GROUP)) == {"clean": Tasks(3, 8, "Fix")}
    write(line(5, 8, step="Write"))
    assert log(running(GROUP)) == {"clean": Tasks(5, 8, "Write")}


def test_a_group_that_cannot_be_read_is_left_out(session: boto3.Session, write: Any) -> None:
    write(line(2, 4))
    assert TaskLog(session)(running("/no/such/group", GROUP)) == {"clean": Tasks(2, 4, "Fix")}
    assert TaskLog(session)(running()) == {}


@pytest.mark.parametrize(
    ("tasks", "expected", "share", "words"),
    [
        (Tasks(1200, 4000, "Write"), None, (1200, 4000), "Write: 1,200 of 4,000 Spark tasks"),
        (Tasks(0, 4), 3, (0, 4), "Fix: 0 of 4 Spark tasks"),
        (None, 3, (1, 3), "step 2 of 3: Fix"),
        (None, None, None, "step 2: Fix"),
    ],
)
def test_the_bar_and_the_words(
    tasks: Tasks | None, expected: int | None, share: tuple[int, int] | None, words: str
) -> None:
    node = running().tree.segments[1]
    progress = Progress(node, 2, "Fix", expected, tasks)
    assert (progress.share, describe(progress)) == (share, words)


def test_a_job_that_is_over_has_no_tasks_any_more() -> None:
    trace = as_trace(doc("clean", NOW, NOW + 3))
    [progress] = jobs(trace.tree, tasks={"clean": Tasks(1, 2)})
    assert progress.tasks is None


def test_the_terminal_draws_the_bar() -> None:
    console = Console(file=io.StringIO(), width=100, height=40, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(
            draw(Snapshot(running(), tasks={"clean": Tasks(6, 8, "Fix")}), console, clock=lambda: NOW)
        )
    [drawn] = [row for row in captured.get().splitlines() if "Fix: 6 of 8 Spark tasks" in row]
    assert drawn.count("━") + drawn.count("╸") == 18  # three quarters of 24


def test_elsewhere_each_new_count_is_a_line() -> None:
    target = io.StringIO()
    console = Console(file=target, width=100)
    counts = [{"clean": Tasks(1, 8, "Fix")}, {"clean": Tasks(1, 8, "Fix")}, {"clean": Tasks(4, 8, "Fix")}]
    follow([Snapshot(running(), tasks=tasks) for tasks in counts], console)
    told = [row.strip() for row in target.getvalue().splitlines() if "Spark tasks" in row]
    assert told == ["clean › Fix: 1 of 8 Spark tasks", "clean › Fix: 4 of 8 Spark tasks"]  # noqa: RUF001 meant


def test_the_served_page_has_the_bar_while_the_job_runs(session: boto3.Session, write: Any) -> None:
    write(line(2, 8))
    answers = [running(GROUP)]
    page = live_page(Watch(lambda: answers[0], count=TaskLog(session), quiet=0, patience=None))
    html, _ = page()
    assert " data-live" in html
    assert '<progress aria-labelledby="going-1" max="8" value="2"></progress>' in html
    assert "Fix: 2 of 8 Spark tasks" in html
    answers[0] = as_trace(doc("machine", NOW, NOW + 9), doc("clean", NOW, NOW + 8, "machine"))
    html, _ = page()
    assert " data-live" not in html
    assert "<progress" not in html


def test_a_page_that_is_kept_has_no_bars() -> None:
    assert "<progress" not in render_html(running())


def test_no_one_runs_when_the_run_is_over() -> None:
    """A job that was killed is in progress for ever; its state machine has ended."""
    killed = doc("clean", NOW, None, "machine")
    ended = as_trace(doc("machine", NOW, NOW + 9, origin="AWS::StepFunctions::StateMachine"), killed)
    html, _ = live_page(Watch(lambda: ended, quiet=0, patience=None))()
    assert " data-live" not in html
    assert "<progress" not in html
