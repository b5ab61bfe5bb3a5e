# SPDX-License-Identifier: Apache-2.0
"""Ends that a ``with`` block does not see, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import xray_helper
from xray_helper import Settings, traced_job

GLUE_JOBS = Path(xray_helper.__file__).parents[1]
HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
START = """
import atexit, os, signal, sys, threading
from xray_helper import Settings, step, traced_job
header, endpoint, checkpoint_s = sys.argv[1], sys.argv[2], float(sys.argv[3])
settings = Settings(
    job_name="clean", trace_header=header, otlp_endpoint=endpoint, checkpoint_s=checkpoint_s
)
"""
WAIT = """
with traced_job(settings=settings), step("done"):
    pass
with traced_job(settings=settings):
    with step("over"):
        pass
    with step("running"):
        print("ready", flush=True)
        threading.Event().wait(60)
"""


def start(code: str, endpoint: str, checkpoint_s: float = 60.0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START + code, HEADER, endpoint, str(checkpoint_s)],
        env={**os.environ, "PYTHONPATH": str(GLUE_JOBS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; the process is gone afterwards whatever happens."""
    try:
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    return process.returncode, errors


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == f"{line}\n", process.stderr and process.stderr.read()


def statuses(collector: Any) -> dict[str, tuple[int, str]]:
    return {span.name: (span.status.code, span.status.message) for span in collector.spans()}


def test_sigterm_delivers_the_trace_and_ends_the_process_as_ever(collector: Any) -> None:
    process = start(WAIT, collector.url)
    wait_for(process, "ready")
    collector.requests.clear()
    process.send_signal(signal.SIGTERM)
    code, errors = finish(process)
    assert code == -signal.SIGTERM, errors
    assert statuses(collector) == {
        "clean": (2, "terminated by SIGTERM"),
        "over": (0, ""),
        "running": (2, "not finished when the job was ended"),
    }


def test_sigterm_while_the_main_thread_holds_a_spans_lock_ends_the_process(collector: Any) -> None:
    code = """
with traced_job(settings=settings) as job, step("running"):
    with job.span._lock:
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1_000):
            pass  # the handler runs in here
    threading.Event().wait(60)
"""
    returned, errors = finish(start(code, collector.url))
    assert returned == -signal.SIGTERM, errors
    assert statuses(collector)["clean"] == (2, "terminated by SIGTERM")


def test_sigterm_in_a_tight_loop_is_followed_by_no_flood_of_warnings(collector: Any) -> None:
    code = """
with traced_job(settings=settings) as job, step("running") as running:
    print("ready", flush=True)
    while True:
        job.set_attribute("n", 1)
        running.set_attribute("n", 1)
        running.annotate(n=1)
"""
    process = start(code, collector.url)
    wait_for(process, "ready")
    process.send_signal(signal.SIGTERM)
    returned, errors = finish(process)
    assert returned == -signal.SIGTERM
    # One for each of the three calls at most, whose span may end between two instructions; no flood
    assert errors.count("ended span") <= 3
    assert len(errors.splitlines()) <= 5
    assert set(statuses(collector)) == {"clean", "running"}


def test_the_second_signal_ends_the_process_at_once(collector: Any, reply: Any) -> None:
    process = start(WAIT.replace("60)", "60)\n        print('not reached')"), collector.url)
    wait_for(process, "ready")
    arrived = threading.Event()

    def hang(path: str, body: bytes) -> Any:
        arrived.set()
        return reply(hold=True)

    collector.answer = hang
    process.send_signal(signal.SIGTERM)
    assert arrived.wait(20)
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == -signal.SIGTERM
    assert time.monotonic() - started < Settings.end_budget_s / 2


def test_a_job_that_ends_meanwhile_does_not_outlive_the_signal(collector: Any) -> None:
    code = """
with traced_job(settings=settings):
    os.kill(os.getpid(), signal.SIGTERM)
print("outlived", flush=True)
"""
    process = start(code, collector.url)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (-signal.SIGTERM, ""), errors


def without_last_line(errors: str) -> str:
    """What a process wrote besides the one line about its trace, at its end."""
    before, _, last = errors.rpartition("Trace 1-")
    assert last.count("\n") == 1, errors
    return before


def test_a_process_that_ignores_the_signal_goes_on_with_its_trace(collector: Any) -> None:
    code = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with traced_job(settings=settings), step("s"):
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
"""
    ended, errors = finish(start(code, collector.url))
    assert (ended, without_last_line(errors)) == (0, "")
    assert statuses(collector) == {"clean": (0, ""), "s": (0, "")}


def end_by_signals(count: int, exported: list[Any]) -> None:
    """End as many jobs by a signal in one process: the application's own handler lets it go on."""
    seen: list[int] = []

    def theirs(number: int, frame: Any) -> None:
        seen.append(number)

    before = signal.signal(signal.SIGTERM, theirs)
    try:
        for number in range(count):
            seen.clear()
            timer = threading.Timer(number % 10 / 1_000, os.kill, (os.getpid(), signal.SIGTERM))
            started = time.monotonic()
            with traced_job(settings=Settings(job_name="j", trace_header=HEADER)) as job:
                timer.start()
                while not seen:
                    job.set_attribute("n", number)
            assert time.monotonic() - started < Settings.end_budget_s
            assert exported.pop().status.description == "terminated by SIGTERM"
            assert job.telemetry_faults == 0
    finally:
        signal.signal(signal.SIGTERM, before)


def test_every_signal_in_a_tight_loop_ends_within_the_budget(exported: Any) -> None:
    end_by_signals(20, exported)


def test_what_a_handler_raises_on_top_of_telemetry_comes_out(exported: Any) -> None:
    """A time-out that strikes while an attribute is set is the application's, and no fault of telemetry."""

    class Describes:
        def __str__(self) -> str:
            signal.raise_signal(signal.SIGALRM)
            return "never"

    def time_out(number: int, frame: Any) -> None:
        raise TimeoutError("too slow")

    before = signal.signal(signal.SIGALRM, time_out)
    try:
        with pytest.raises(TimeoutError), traced_job(settings=Settings(trace_header=HEADER)) as job:
            job.set_attribute("n", Describes())
    finally:
        signal.signal(signal.SIGALRM, before)
    assert job.telemetry_faults == 0
    assert exported[0].status.description == "TimeoutError: too slow"


def test_the_earlier_handler_may_raise_in_a_tight_loop(exported: Any) -> None:
    class TerminatedError(Exception):
        pass

    def theirs(number: int, frame: Any) -> None:
        raise TerminatedError

    before = signal.signal(signal.SIGTERM, theirs)
    timer = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGTERM))
    try:
        with pytest.raises(TerminatedError), traced_job(settings=Settings(trace_header=HEADER)) as job:
            timer.start()
            while True:
                job.set_attribute("n", 1)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert exported[0].status.description == "terminated by SIGTERM"


def test_the_earlier_handler_still_has_its_say(collector: Any) -> None:
    handler = (
        # os.write: print() is not reentrant, and the signal may come in the middle of one.
        "import os\n"
        "signal.signal(signal.SIGTERM, lambda number, frame: (os.write(1, b'theirs\\n'), sys.exit(7)))\n"
    )
    process = start(handler + WAIT, collector.url)
    wait_for(process, "ready")
    process.send_signal(signal.SIGTERM)
    wait_for(process, "theirs")
    code, errors = finish(process)
    assert code == 7, errors
    assert statuses(collector)["clean"] == (2, "terminated by SIGTERM")
    assert len(collector.requests) == 2  # one per job: nothing is sent twice


def test_sigterm_with_a_hanging_collector_does_not_hold_the_process_up(collector: Any, reply: Any) -> None:
    code = WAIT.replace('with traced_job(settings=settings), step("done"):\n    pass\n', "")
    short = "import dataclasses\nsettings = dataclasses.replace(settings, end_budget_s=2)\n"
    process = start(short + code, collector.url)
    wait_for(process, "ready")
    collector.answer = lambda path, body: reply(hold=True)
    process.send_signal(signal.SIGTERM)
    returned, errors = finish(process)
    assert returned == -signal.SIGTERM
    assert "spilled=3" in errors  # X-Ray is down in this test: nothing is lost


def test_an_exit_inside_the_job_delivers_the_trace(collector: Any) -> None:
    code = """
job = traced_job(settings=settings).__enter__()
job.step("s").__enter__()
sys.exit(4)
"""
    assert finish(start(code, collector.url))[0] == 4
    assert statuses(collector) == {
        "clean": (2, "the interpreter exited inside the job"),
        "s": (2, "not finished when the job was ended"),
    }


def test_a_job_in_a_thread_leaves_signals_alone(collector: Any) -> None:
    code = """
def work():
    with traced_job(settings=settings), step("s"):
        print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)
thread = threading.Thread(target=work); thread.start(); thread.join()
"""
    process = start(code, collector.url)
    wait_for(process, "True")
    assert finish(process)[0] == 0
    assert set(statuses(collector)) == {"clean", "s"}


def test_a_killed_job_leaves_what_began_in_progress_with_its_parents(collector: Any, xray: Any) -> None:
    code = WAIT.replace('with traced_job(settings=settings), step("done"):\n    pass\n', "")
    process = start(code, collector.url, checkpoint_s=0.3)
    wait_for(process, "ready")
    assert xray.put_arrived.wait(20)
    process.kill()
    assert finish(process)[0] == -signal.SIGKILL
    assert collector.requests == []
    documents = {document["name"]: document for document in xray.documents}
    assert documents["clean"]["in_progress"] is True
    assert documents["clean"]["parent_id"] == "53995c3f42cd8ad8"
    known = {document["id"] for document in xray.documents}
    assert all(item["parent_id"] in known for item in xray.documents if item["name"] != "clean")


def test_a_forked_child_leaves_its_parents_trace_alone(collector: Any) -> None:
    code = """
with traced_job(settings=settings), step("fork"):
    for end in (lambda: os.kill(os.getpid(), signal.SIGTERM), lambda: sys.exit(0)):
        child = os.fork()
        if child == 0:
            end()
        os.waitpid(child, 0)
"""
    code_, errors = finish(start(code, collector.url))
    assert (code_, without_last_line(errors)) == (0, "")
    assert len(collector.requests) == 1
    assert statuses(collector) == {"clean": (0, ""), "fork": (0, "")}


def test_handlers_are_put_back(exported: Any) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with traced_job(settings=Settings(job_name="j", trace_header=HEADER)):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_forked_child_dies_of_the_signal_as_ever(exported: Any) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with traced_job(settings=Settings(job_name="job", otlp_endpoint="http://127.0.0.1:9")):
        ours = signal.getsignal(signal.SIGTERM)
        child = os.fork()
        if not child:
            os._exit(0 if signal.getsignal(signal.SIGTERM) == before else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert signal.getsignal(signal.SIGTERM) == ours != before


def test_a_child_dies_of_a_signal_that_comes_before_it_has_run_at_all(exported: Any) -> None:
    """As a worker of a pool does that is terminated at once: Python drops a signal that comes so soon."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with traced_job(settings=Settings(job_name="job", otlp_endpoint="http://127.0.0.1:9")):
        for _ in range(40):
            child = os.fork()
            if not child:
                time.sleep(0.5)  # a child that is still here lives on
                os._exit(0)
            os.kill(child, signal.SIGTERM)
            assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGTERM
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
        if not (child := os.fork()):
            os._exit(signal.pthread_sigmask(signal.SIG_BLOCK, []) != mask)
        assert os.waitpid(child, 0)[1] == 0


def test_a_handler_set_inside_the_job_is_not_undone(exported: Any) -> None:
    def theirs(number: int, frame: Any) -> None:
        pass

    before = signal.getsignal(signal.SIGTERM)
    try:
        with traced_job(settings=Settings(job_name="j", trace_header=HEADER)):
            signal.signal(signal.SIGTERM, theirs)
        assert signal.getsignal(signal.SIGTERM) is theirs
    finally:
        signal.signal(signal.SIGTERM, before)


def test_keyboard_interrupt_comes_out_and_is_recorded(exported: Any) -> None:
    with pytest.raises(KeyboardInterrupt), traced_job(settings=Settings(job_name="j", trace_header=HEADER)):
        raise KeyboardInterrupt
    assert exported[0].status.description == "KeyboardInterrupt: "
