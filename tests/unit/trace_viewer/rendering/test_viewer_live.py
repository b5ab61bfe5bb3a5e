# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from tests.signals import default_signals
from tests.unit.trace_viewer.documents import as_trace, doc, fails
from tests.unit.trace_viewer.xray_server import growing_xray
from trace_viewer import Trace, cli
from trace_viewer.cli import main
from trace_viewer.model.document import STATE_MACHINE
from trace_viewer.model.progress import describe, jobs
from trace_viewer.rendering.live.terminal import draw, follow
from trace_viewer.xray.watch import Snapshot, Watch, poll

ROOT = Path(__file__).parents[4]
START = doc("start", 0, 1)
READ, WRITE = doc("Read", 3, None), doc("Write", 5, None)


def run(end: float | None, *jobs: dict[str, object]) -> Trace:
    return as_trace(START, doc("machine", 0.5, end, "start", origin=STATE_MACHINE), *jobs)


def job(end: float | None, *steps: dict[str, object], **fields: object) -> dict[str, object]:
    return doc("clean", 2, end, "machine", subsegments=list(steps), **fields)


BEGUN = run(None, job(None, READ))
FURTHER = run(None, job(None, READ, WRITE))
DONE = run(9.5, job(9, doc("Read", 3, 5), doc("Write", 5, 9), metadata={"default": {"spark.tasks": 21}}))
FAILED = run(9.5, job(9, doc("Read", 3, 5), doc("Write", 5, 9, **fails("OSError", "full")), fault=True))


def text_console(**options: object) -> tuple[Console, io.StringIO]:
    target = io.StringIO()
    return Console(file=target, width=100, **options), target  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trace", "earlier", "words"),
    [
        (BEGUN, None, "step 1: Read"),
        (FURTHER, None, "step 2: Write"),
        (FURTHER, DONE, "step 2 of 2: Write"),
        (DONE, None, "2 steps, 21 Spark tasks"),
        (FAILED, None, "failed in Write"),
    ],
)
def test_the_line_of_a_job(trace: Trace, earlier: Trace | None, words: str) -> None:
    [progress] = jobs(trace.tree, earlier.tree if earlier else None)
    assert (progress.job.name, describe(progress)) == ("clean", words)


def test_before_the_first_job_the_caller_is_shown() -> None:
    [progress] = jobs(run(None).tree)
    assert (progress.job.name, describe(progress)) == ("machine", "started")


def test_elsewhere_than_in_a_terminal_every_event_is_a_line_once() -> None:
    console, target = text_console()
    seen = [
        Snapshot(None, "no trace yet"),
        Snapshot(BEGUN),
        Snapshot(BEGUN),
        Snapshot(FURTHER),
        Snapshot(DONE, is_over=True),
    ]
    assert follow(seen, console) is DONE
    assert target.getvalue().splitlines() == [
        "no trace yet",
        "     0ms  start took 1.00s",
        "   500ms  machine began",
        "   2.00s  clean began",
        "   3.00s  clean › Read began",  # noqa: RUF001
        "   5.00s  clean › Write began",  # noqa: RUF001
        "   500ms  machine took 9.00s",
        "   2.00s  clean took 7.00s",
        "   3.00s  clean › Read took 2.00s",  # noqa: RUF001
        "   5.00s  clean › Write took 4.00s",  # noqa: RUF001
    ]


def test_a_failure_is_an_event() -> None:
    console, target = text_console()
    follow([Snapshot(FAILED)], console)
    assert "clean › Write failed after 4.00s" in target.getvalue()  # noqa: RUF001


def test_a_screen_shows_a_bar_per_job_and_as_much_of_the_tree_as_fits() -> None:
    console, target = text_console(height=12, force_terminal=False)
    console.print(draw(Snapshot(FURTHER), console, earlier=DONE, clock=lambda: 12.0))
    lines = target.getvalue().splitlines()
    assert lines[0].startswith("… RUNNING")
    assert lines[1].startswith("clean  ━") and lines[1].endswith("10.0s  step 2 of 2: Write")
    assert lines[-1].endswith("└ … Write")
    assert len(lines) <= 12


def test_a_screen_without_a_trace_says_what_it_waits_for() -> None:
    console, target = text_console()
    console.print(draw(Snapshot(None, "X-Ray has no trace"), console))
    assert target.getvalue() == "waiting for the trace: X-Ray has no trace\n"


def test_a_terminal_is_left_as_it_was() -> None:
    console, target = text_console(height=20, force_terminal=True)
    assert (
        follow([Snapshot(None, "none yet"), Snapshot(BEGUN), Snapshot(DONE, is_over=True)], console) is DONE
    )
    written = target.getvalue()
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1  # the cursor is hidden, and back
    assert written.endswith("\x1b[2K")  # what was drawn is wiped


def test_the_command_follows_to_the_end_and_prints_the_tree(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    passed: list[float] = []
    monkeypatch.setattr(cli, "poll", partial(poll, sleep=passed.append))
    monkeypatch.setattr(cli, "Watch", partial(Watch, clock=lambda: sum(passed)))
    with growing_xray(None, None, None, None, BEGUN, FURTHER, DONE) as xray:
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", xray.endpoint)
        assert main(["--latest", "--follow"]) == 0
    out = capsys.readouterr().out
    assert out.index("clean began") < out.index("Write began") < out.index("clean took 7.00s")
    assert "\n✓ OK  9.50s" in out
    assert sum(passed) >= 10  # quiet for ten seconds, none of them slept


def test_ctrl_c_ends_without_a_traceback(tmp_path: Path) -> None:
    with growing_xray(BEGUN) as xray:
        settings = {
            "AWS_ENDPOINT_URL_XRAY": xray.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "trace_viewer", "--trace-id", BEGUN.id, "--follow"]
        with subprocess.Popen(
            command,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=default_signals,
        ) as running:
            assert xray.asked.wait(60)
            os.kill(running.pid, signal.SIGINT)
            _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "")


@pytest.mark.parametrize("options", [["--file", "x", "--follow"], ["--latest", "--follow", "--serve"]])
def test_follow_needs_x_ray_and_the_terminal(options: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(options)
    assert caught.value.code == 2
